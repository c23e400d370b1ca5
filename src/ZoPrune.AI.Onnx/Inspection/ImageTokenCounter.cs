using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>Counts the visual tokens of a picture of a size: processes a blank one and asks the family.</summary>
internal static class ImageTokenCounter
{
    /// <summary>Pixels of a blank picture: more than any camera takes.</summary>
    private const long MostPixels = 200_000_000;

    private const byte Gray = 128;

    public static ExpectedImageTokens Count(ModelParts parts, int width, int height)
    {
        var result = new ExpectedImageTokens { Width = width, Height = height };
        if (width < 1 || height < 1 || (long)width * height > MostPixels)
        {
            return result with { Reason = $"a picture of {width} x {height} pixels is none, or larger than the {MostPixels} pixels that are counted" };
        }

        var pixels = new byte[width * height * 3];
        pixels.AsSpan().Fill(Gray);
        var image = parts.Family.Finish(parts.Images.Process(new RgbImage(width, height, pixels), imagesInPrompt: 1, buffers: null));
        parts.Vision.RequireFit(image);
        if (parts.Family.CountRows(image, parts.Vision.Output) is not { } rows)
        {
            return result with { Reason = "neither the graph nor the description says; it is known when the vision graph has run" };
        }

        var assembly = parts.Family.Assemble(image, rows);
        var layout = assembly?.Layout ?? parts.Family.Layout(image, rows);
        var crops = layout.Crops.Count == 0 ? 1 : layout.Crops.Max() + 1;
        return result with
        {
            Tokens = assembly?.Rows.Count ?? rows,
            Crops = crops,
            Grid = crops == 1 ? layout.Grid : null,
        };
    }
}
