using System.Globalization;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Writes a string as Python's <c>repr</c> does.</summary>
internal static class PythonLiteral
{
    public static void Write(TracedText text, TracedTextBuilder target)
    {
        var value = text.Value;
        var quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? "\"" : "'";
        target.Append(quote, isUser: false);
        var start = 0;
        foreach (var run in text.Runs)
        {
            for (; start < run.End; start++)
            {
                if (Escape(value[start], quote[0]) is { } escaped)
                {
                    target.Append(escaped, run.IsUser);
                }
                else
                {
                    target.Append([value[start]], run.IsUser);
                }
            }
        }

        target.Append(quote, isUser: false);
    }

    private static string? Escape(char character, char quote) => character switch
    {
        '\\' => @"\\",
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        _ when character == quote => "\\" + quote,
        < ' ' or (>= '\u007F' and <= '\u00A0') or '\u00AD' => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}"),
        _ when IsUnprintable(character) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
        _ => null,
    };

    private static bool IsUnprintable(char character) => char.GetUnicodeCategory(character) is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator || (character != ' ' && char.GetUnicodeCategory(character) == UnicodeCategory.SpaceSeparator);
}
