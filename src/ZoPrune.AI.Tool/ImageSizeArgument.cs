using System.CommandLine.Parsing;
using System.Globalization;

namespace ZoPrune.AI.Tool;

/// <summary>Reads sizes of pictures such as <c>640x480</c>.</summary>
internal static class ImageSizeArgument
{
    private const int MostPixelsASide = 100_000;

    /// <summary>The sizes; adds an error for what is none.</summary>
    public static (int Width, int Height)[] Parse(ArgumentResult result)
    {
        var sizes = new List<(int, int)>();
        foreach (var token in result.Tokens)
        {
            if (token.Value.ToLowerInvariant().Split('x') is [var width, var height] && Side(width) is { } w && Side(height) is { } h)
            {
                sizes.Add((w, h));
            }
            else
            {
                result.AddError($"'{token.Value}' is no size of a picture; write WIDTHxHEIGHT in pixels, such as 640x480.");
            }
        }

        return [.. sizes];
    }

    private static int? Side(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side) && side is >= 1 and <= MostPixelsASide ? side : null;
}
