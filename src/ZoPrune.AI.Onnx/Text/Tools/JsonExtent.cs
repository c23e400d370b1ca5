namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Finds the end of a JSON object or array by its brackets and strings, without reading it.</summary>
internal static class JsonExtent
{
    private const int LargestDepth = 64;

    /// <summary>Means that the text may go on to become JSON.</summary>
    public const int Incomplete = 0;

    /// <summary>Means that the text begins no JSON object or array.</summary>
    public const int Invalid = -1;

    /// <summary>The length of the object or array that the text begins with, or <see cref="Incomplete"/> or
    /// <see cref="Invalid"/>.</summary>
    public static int Of(ReadOnlySpan<char> text)
    {
        Span<char> closings = stackalloc char[LargestDepth];
        var depth = 0;
        var isInString = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (isInString)
            {
                // A raw control character ends the hope early: answers go on for long.
                if (c < ' ')
                {
                    return Invalid;
                }

                i += c == '\\' ? 1 : 0;
                isInString = c != '"';
                continue;
            }

            switch (c)
            {
                case '"':
                    isInString = true;
                    break;
                case '{' or '[' when depth < LargestDepth:
                    closings[depth++] = c == '{' ? '}' : ']';
                    break;
                case '{' or '[':
                    return Invalid;
                case '}' or ']' when depth > 0 && closings[depth - 1] == c:
                    if (--depth == 0)
                    {
                        return i + 1;
                    }

                    break;
                case '}' or ']':
                    return Invalid;
                default:
                    if (!IsPlain(c))
                    {
                        return Invalid;
                    }

                    break;
            }

            if (depth == 0)
            {
                return Invalid;
            }
        }

        return Incomplete;
    }

    /// <summary>What stands outside of strings: numbers, literals, separators, whitespace.</summary>
    private static bool IsPlain(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is ',' or ':' or '-' or '+' or '.' or 'E'
        or ' ' or '\t' or '\r' or '\n';
}
