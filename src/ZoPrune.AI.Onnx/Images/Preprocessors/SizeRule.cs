namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>The forms of <c>size</c> in a preprocessor file, computed as transformers does.</summary>
internal sealed class SizeRule
{
    /// <summary>Largest side that a file may name; also large enough for pixel counts.</summary>
    public const int MaxSide = 1 << 30;

    private readonly Func<int, int, (long Width, long Height)> _rule;

    private SizeRule(Func<int, int, (long Width, long Height)> rule) => _rule = rule;

    /// <summary>The size of every picture; null where it depends on the picture.</summary>
    public (int Width, int Height)? Fixed { get; private init; }

    /// <summary>The short side; null for other rules.</summary>
    public int? ShortestEdge { get; private init; }

    /// <summary>The long side; null for other rules.</summary>
    public int? LongestEdge { get; private init; }

    /// <summary>Stretches to a size.</summary>
    public static SizeRule Exact(int width, int height) => new((_, _) => (width, height)) { Fixed = (width, height) };

    /// <summary>Scales the short side to a length.</summary>
    public static SizeRule Shortest(int side) => new((width, height) => ShortestOf(width, height, side)) { ShortestEdge = side };

    /// <summary>Scales the long side to a length, up or down.</summary>
    public static SizeRule Longest(int side) => new((width, height) => LongestOf(width, height, side)) { LongestEdge = side };

    /// <summary>Reads the parts of a size object; null where they make no known form.</summary>
    public static SizeRule? FromParts(IReadOnlyDictionary<string, int> parts)
    {
        bool Has(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (!parts.ContainsKey(name))
                {
                    return false;
                }
            }

            return parts.Count == names.Length;
        }

        return parts switch
        {
            _ when Has("height", "width") => Exact(parts["width"], parts["height"]),
            _ when Has("shortest_edge") => Shortest(parts["shortest_edge"]),
            _ when Has("longest_edge") => Longest(parts["longest_edge"]),
            _ when Has("shortest_edge", "longest_edge") => new SizeRule(
                (width, height) => ShortestBoundedOf(width, height, parts["shortest_edge"], parts["longest_edge"]))
            {
                ShortestEdge = parts["shortest_edge"],
                LongestEdge = parts["longest_edge"],
            },
            _ when Has("max_height", "max_width") => new SizeRule(
                (width, height) => InsideOf(width, height, parts["max_width"], parts["max_height"])),
            _ => null,
        };
    }

    /// <summary>The size that a picture gets.</summary>
    /// <exception cref="NotSupportedException">A side would be 0, or there would be too many pixels.</exception>
    public (int Width, int Height) SizeOf(int width, int height)
    {
        var (newWidth, newHeight) = _rule(width, height);
        RgbPixels.CheckSize(newWidth, newHeight, width, height);
        return ((int)newWidth, (int)newHeight);
    }

    private static (long Width, long Height) ShortestOf(int width, int height, int side)
    {
        var longSide = (long)((double)((long)side * Math.Max(width, height)) / Math.Min(width, height));
        return width <= height ? (side, longSide) : (longSide, side);
    }

    private static (long Width, long Height) LongestOf(int width, int height, int side)
    {
        var shortSide = Math.Max(1, (long)((double)((long)side * Math.Min(width, height)) / Math.Max(width, height)));
        return width <= height ? (shortSide, side) : (side, shortSide);
    }

    private static (long Width, long Height) ShortestBoundedOf(int width, int height, int side, int most)
    {
        var (shortest, longest) = ((double)Math.Min(width, height), (double)Math.Max(width, height));
        double shortSide = side;
        if (longest / shortest * side > most)
        {
            shortSide = most * shortest / longest;
            side = (int)Math.Round(shortSide);
        }

        if (Math.Min(width, height) == side)
        {
            return (width, height);
        }

        return width < height ? (side, (long)(shortSide * height / width)) : ((long)(shortSide * width / height), side);
    }

    private static (long Width, long Height) InsideOf(int width, int height, int mostWidth, int mostHeight)
    {
        var scale = Math.Min((double)mostHeight / height, (double)mostWidth / width);
        return ((long)(width * scale), (long)(height * scale));
    }
}
