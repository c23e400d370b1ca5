using System.Text.RegularExpressions;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// Phi-4 multimodal, its vision part: crops as far as the picture reaches, a newline behind every row, a separator, the whole picture in
/// small (genai-model-folder specification 3.3, 4.8, 7.3).
/// </summary>
internal sealed partial class Phi4MultimodalFamily(FamilyContext context) : ModelFamily(context)
{
    private const int CropSide = 448;
    private const int MaskSide = 32;
    private const int CropTokens = 16;

    public override TokenLayout Layout(ProcessedImage image, int rows)
    {
        if (!image.Inputs.TryGetValue("image_sizes", out var size) || !image.Inputs.TryGetValue("image_attention_mask", out var mask))
        {
            return TokenLayout.Unknown;
        }

        var (down, across) = (size.IntegerAt(0) / CropSide, size.IntegerAt(1) / CropSide);
        if (mask.Count() != (1 + (down * across)) * MaskSide * MaskSide)
        {
            return TokenLayout.Unknown;
        }

        // Two patches a side make one token, so that every second row and column of the mask counts.
        var tokenRows = Enumerable.Range(0, down * CropTokens).Count(y => At(2 * y, 0) != 0);
        var tokenColumns = Enumerable.Range(0, across * CropTokens).Count(x => At(0, 2 * x) != 0);
        var map = new CropMapBuilder(CropTokens);
        map.AddMap(tokenRows, tokenColumns, across);
        map.AddSeparator();
        map.AddGlobal(down * across);
        return map.Build(rows, Folder.Vision.File);

        int At(int y, int x)
        {
            var tile = 1 + (y / MaskSide * across) + (x / MaskSide);
            return mask.IntegerAt((((tile * MaskSide) + (y % MaskSide)) * MaskSide) + (x % MaskSide));
        }
    }

    public override void PlaceImages(IReadOnlyList<PromptSegment> segments, PromptWriter prompt) =>
        prompt.Replace(segments, Tags(), "<|image_N|>", prompt.Image);

    [GeneratedRegex(@"<\|image_\d+\|>|<\|endoftext10\|>", RegexOptions.CultureInvariant)]
    private static partial Regex Tags();
}
