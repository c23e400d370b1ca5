using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// Gemma 4: patches of the picture in its own aspect ratio, pooled three by three (genai-model-folder specification 3.5, 4.10, 13).
/// </summary>
internal sealed class Gemma4Family(FamilyContext context) : MarkerFamily(context)
{
    private const string Begin = "<|image>";
    private const int Pooling = 3;

    /// <summary>
    /// The operation gives patches for the largest picture and says how many tokens there are; the graph gets those patches only.
    /// </summary>
    public override ProcessedImage Finish(ProcessedImage image)
    {
        if (!image.Inputs.TryGetValue("num_soft_tokens", out var count))
        {
            return image;
        }

        var patches = count.IntegerAt(0) * Pooling * Pooling;
        var inputs = new Dictionary<string, ImageTensor>(image.Inputs, StringComparer.Ordinal);
        inputs.Remove("num_soft_tokens");
        var pixels = inputs["pixel_values"];
        inputs["pixel_values"] = new ImageTensor(pixels.Singles[..(patches * pixels.Shape[^1])], patches, pixels.Shape[^1]);
        inputs["pixel_position_ids"] = new ImageTensor(inputs["pixel_position_ids"].Int64s[..(patches * 2)], patches, 2);
        return image with { Inputs = inputs };
    }

    public override int? CountRows(ProcessedImage image, GraphValue output) => image.Inputs.TryGetValue("pixel_position_ids", out var positions)
        ? positions.Count() / 2 / (Pooling * Pooling)
        : null;

    public override TokenLayout Layout(ProcessedImage image, int rows)
    {
        if (!image.Inputs.TryGetValue("pixel_position_ids", out var positions))
        {
            return TokenLayout.Unknown;
        }

        var (columns, lines) = (0, 0);
        for (var i = 0; i < positions.Count(); i += 2)
        {
            columns = Math.Max(columns, positions.IntegerAt(i) + 1);
            lines = Math.Max(lines, positions.IntegerAt(i + 1) + 1);
        }

        var grid = new TokenGrid(Math.Max(1, lines / Pooling), Math.Max(1, columns / Pooling));
        return grid.Holds(rows) ? new TokenLayout(grid) : TokenLayout.Unknown;
    }

    public override void PlaceImages(IReadOnlyList<PromptSegment> segments, PromptWriter prompt)
    {
        // The marker is what begins an image; templates write the soft token instead, and a prompt without either gets its images in front.
        if (prompt.Images.Count > 0 && Count(segments, Begin) == 0)
        {
            if (Count(segments, PlaceholderText) == prompt.Images.Count)
            {
                prompt.Replace(segments, PlaceholderText, image => PlaceImage(image, prompt));
                return;
            }

            var front = string.Concat(Enumerable.Repeat(Begin + " ", prompt.Images.Count));
            segments = [PromptSegment.Template(front), .. segments];
        }

        prompt.Replace(segments, Begin, image => PlaceImage(image, prompt));
    }

    private static int Count(IReadOnlyList<PromptSegment> segments, string text) =>
        segments.Where(s => s.Kind == PromptSegmentKind.Template).Sum(s => s.Text.Split(text).Length - 1);
}
