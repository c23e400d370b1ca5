namespace ZoPrune.AI.Onnx;

/// <summary>The visual tokens of one image and those of them that the language model gets to see.</summary>
public sealed class ImageSelection
{
    /// <summary>Makes a selection.</summary>
    /// <param name="image">The visual tokens of the image.</param>
    /// <param name="kept">The rows that stay, ascending, without repetition.</param>
    /// <exception cref="ArgumentException"><paramref name="kept"/> is not ascending or leaves the image's rows.</exception>
    public ImageSelection(VisualTokens image, IReadOnlyList<int> kept)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(kept);
        for (var i = 0; i < kept.Count; i++)
        {
            if (kept[i] < 0 || kept[i] >= image.Count || (i > 0 && kept[i] <= kept[i - 1]))
            {
                throw new ArgumentException(
                    $"Kept row {kept[i]} at place {i} is out of order or outside the image's {image.Count} rows.", nameof(kept));
            }
        }

        Image = image;
        Kept = kept;
    }

    /// <summary>The visual tokens of the image.</summary>
    public VisualTokens Image { get; }

    /// <summary>The rows that stay, ascending.</summary>
    public IReadOnlyList<int> Kept { get; }

    /// <summary>All rows of an image.</summary>
    /// <param name="image">The visual tokens of the image.</param>
    public static ImageSelection All(VisualTokens image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new ImageSelection(image, [.. Enumerable.Range(0, image.Count)]);
    }

    /// <summary>Copies the kept rows of images one behind another, but for the first so many.</summary>
    internal static void CopyKept(IReadOnlyList<ImageSelection> images, int skipped, Span<float> destination)
    {
        foreach (var image in images)
        {
            var first = Math.Min(skipped, image.Kept.Count);
            for (var i = first; i < image.Kept.Count; i++)
            {
                image.Image.Tokens.Embeddings.Row(image.Kept[i]).CopyTo(destination);
                destination = destination[image.Image.Width..];
            }

            skipped -= first;
        }
    }
}
