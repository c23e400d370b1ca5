using System.Globalization;
using System.Text.RegularExpressions;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// Phi-3 and Phi-3.5 vision: numbered tags, negative placeholder ids, a map of crops with a newline behind every row, a separator, and the
/// whole picture in small (genai-model-folder specification 3.2, 4.7, 7.2).
/// </summary>
internal sealed partial class Phi3VisionFamily(FamilyContext context) : ModelFamily(context)
{
    private const int CropSide = 336;
    private const int CropTokens = 12;

    public override int PlaceholderOf(int image) => -(image + 1);

    public override TokenLayout Layout(ProcessedImage image, int rows)
    {
        if (!image.Inputs.TryGetValue("image_sizes", out var size))
        {
            return TokenLayout.Unknown;
        }

        var (down, across) = (size.IntegerAt(0) / CropSide, size.IntegerAt(1) / CropSide);
        var map = new CropMapBuilder(CropTokens);
        map.AddMap(down * CropTokens, across * CropTokens, across);
        map.AddSeparator();
        map.AddGlobal(down * across);
        return map.Build(rows, Folder.Vision.File);
    }

    public override void PlaceImages(IReadOnlyList<PromptSegment> segments, PromptWriter prompt)
    {
        var numbers = new HashSet<int>();
        prompt.Replace(segments, Tags(), tag =>
        {
            if (!int.TryParse(tag.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number < 1 || number > prompt.Images.Count)
            {
                throw prompt.Fault($"it wrote the image tag {tag.Value} for {prompt.Images.Count} images.");
            }

            if (!numbers.Add(number))
            {
                throw prompt.Fault($"it wrote the image tag {tag.Value} twice; the features of an image can stand in a prompt once.");
            }

            prompt.Image(number - 1);
        });
        prompt.RequireMarkers(numbers.Count, "<|image_N|>");
    }

    [GeneratedRegex(@"<\|image_(\d+)\|>", RegexOptions.CultureInvariant)]
    private static partial Regex Tags();
}
