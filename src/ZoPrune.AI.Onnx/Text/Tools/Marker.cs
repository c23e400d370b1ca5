using System.Buffers;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Looks for the texts that begin and end calls.</summary>
internal static class Marker
{
    private static readonly SearchValues<char> s_noName = SearchValues.Create(" \t\r\n<>{}[]\"'`");

    /// <summary>Where a marker stands or, at the end, may begin; -1 if nowhere.</summary>
    public static int Find(ReadOnlySpan<char> text, string marker)
    {
        var found = text.IndexOf(marker, StringComparison.Ordinal);
        if (found >= 0)
        {
            return found;
        }

        for (var length = Math.Min(marker.Length - 1, text.Length); length > 0; length--)
        {
            if (text[^length..].SequenceEqual(marker.AsSpan(0, length)))
            {
                return text.Length - length;
            }
        }

        return -1;
    }

    /// <summary>Where a line begins, behind its indentation, with something that is wanted; -1 if none does.</summary>
    public static int FindLine(ReadOnlySpan<char> text, bool isLineStart, Func<char, bool> isWanted)
    {
        var isStart = isLineStart;
        for (var i = 0; i < text.Length; i++)
        {
            if (isStart && isWanted(text[i]))
            {
                return i;
            }

            isStart = text[i] == '\n' || (isStart && char.IsWhiteSpace(text[i]));
        }

        return -1;
    }

    /// <summary>Whether a text is the beginning of a marker, but not all of it.</summary>
    public static bool IsBegun(ReadOnlySpan<char> text, string marker) =>
        text.Length < marker.Length && marker.AsSpan().StartsWith(text, StringComparison.Ordinal);

    /// <summary>Whether a text can be the name of a tool: prose behind a marker is none.</summary>
    public static bool IsName(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAny(s_noName);

    /// <summary>The next index that is no whitespace.</summary>
    public static int SkipSpace(string text, int index)
    {
        while (index < text.Length && char.IsWhiteSpace(text[index]))
        {
            index++;
        }

        return index;
    }

    /// <summary>The first of two indices where either may be missing.</summary>
    public static int First(int one, int other) => one < 0 ? other : other < 0 ? one : Math.Min(one, other);
}
