using System.Text;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Python's string operations. What is derived from a user's characters stays the user's.</summary>
internal static class TextOperations
{
    public static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';

    /// <summary>Removes whitespace, or the given characters, from the ends.</summary>
    public static TracedText Strip(TracedText text, TracedText? characters, bool left, bool right, RenderContext context)
    {
        context.ChargeText(text.Length);
        var set = characters?.Value.ToHashSet();
        bool IsStripped(char character) => set is null ? IsSpace(character) : set.Contains(character);
        var (start, end) = (0, text.Length);
        while (left && start < end && IsStripped(text.Value[start]))
        {
            start++;
        }

        while (right && end > start && IsStripped(text.Value[end - 1]))
        {
            end--;
        }

        return text.Slice(start, end - start);
    }

    public static TracedText Upper(TracedText text, RenderContext context) => Map(text, text.Value.ToUpperInvariant(), context);

    public static TracedText Lower(TracedText text, RenderContext context) => Map(text, text.Value.ToLowerInvariant(), context);

    /// <summary>The first character in upper case, the rest in lower case.</summary>
    public static TracedText Capitalize(TracedText text, RenderContext context) =>
        text.Length == 0 ? text : Map(text, char.ToUpperInvariant(text.Value[0]) + text.Value[1..].ToLowerInvariant(), context);

    /// <summary>The first character of each word in upper case, the rest in lower case.</summary>
    public static TracedText Title(TracedText text, Func<char, bool> startsWord, RenderContext context)
    {
        var result = new StringBuilder(text.Length);
        var isStart = true;
        foreach (var character in text.Value)
        {
            result.Append(isStart ? char.ToUpperInvariant(character) : char.ToLowerInvariant(character));
            isStart = startsWord(character);
        }

        return Map(text, result.ToString(), context);
    }

    /// <summary>Replaces occurrences. A replacement for user text is user text itself: else a user could bring forth what a template
    /// writes.</summary>
    public static TracedText Replace(TracedText text, TracedText old, TracedText replacement, long count, RenderContext context)
    {
        context.ChargeSearch(text.Length, old.Length);
        var result = new TracedTextBuilder(context);
        var position = 0;
        for (var done = 0L; count < 0 || done < count; done++)
        {
            if (old.Length == 0)
            {
                AppendReplacement(text.HasUserText);
                if (position == text.Length)
                {
                    return result.ToText();
                }

                var length = CodePoints.LengthAt(text.Value, position);
                result.Append(text, position, length);
                position += length;
                continue;
            }

            var found = text.Value.IndexOf(old.Value, position, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            result.Append(text, position, found - position);
            AppendReplacement(text.HasUserTextIn(found, old.Length));
            position = found + old.Length;
        }

        result.Append(text, position, text.Length - position);
        return result.ToText();

        void AppendReplacement(bool isUser)
        {
            if (isUser)
            {
                result.Append(replacement.Value, isUser: true);
            }
            else
            {
                result.Append(replacement);
            }
        }
    }

    /// <summary>Splits at a separator, or at whitespace if there is none.</summary>
    public static ListValue Split(TracedText text, TracedText? separator, long limit, RenderContext context)
    {
        context.ChargeSearch(text.Length, separator?.Length ?? 0);
        if (separator is null)
        {
            return SplitAtSpace(text, limit, context);
        }

        if (separator.Length == 0)
        {
            throw context.Error("empty separator.");
        }

        var parts = new List<TemplateValue>();
        var position = 0;
        while (limit < 0 || parts.Count < limit)
        {
            var found = text.Value.IndexOf(separator.Value, position, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            AddPart(parts, text, position, found, context);
            position = found + separator.Length;
        }

        AddPart(parts, text, position, text.Length, context);
        return new ListValue(parts);
    }

    /// <summary>Splits at a separator from the right.</summary>
    public static ListValue SplitRight(TracedText text, TracedText? separator, long limit, RenderContext context)
    {
        if (limit < 0)
        {
            return Split(text, separator, limit, context);
        }

        if (separator is null || separator.Length == 0)
        {
            throw context.Error("'rsplit' with a limit needs a separator.");
        }

        context.ChargeSearch(text.Length, separator.Length);
        var parts = new List<TemplateValue>();
        var end = text.Length;
        while (parts.Count < limit && end >= separator.Length)
        {
            var found = text.Value.AsSpan(0, end).LastIndexOf(separator.Value, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            AddPart(parts, text, found + separator.Length, end, context);
            end = found;
        }

        AddPart(parts, text, 0, end, context);
        parts.Reverse();
        return new ListValue(parts);
    }

    /// <summary>Splits into lines, without their ends.</summary>
    public static ListValue SplitLines(TracedText text, RenderContext context)
    {
        context.ChargeText(text.Length);
        var parts = new List<TemplateValue>();
        var start = 0;
        for (var position = 0; position < text.Length; position++)
        {
            if (!IsLineEnd(text.Value[position]))
            {
                continue;
            }

            AddPart(parts, text, start, position, context);
            position += text.Value[position] == '\r' && position + 1 < text.Length && text.Value[position + 1] == '\n' ? 1 : 0;
            start = position + 1;
        }

        if (start < text.Length)
        {
            AddPart(parts, text, start, text.Length, context);
        }

        return new ListValue(parts);
    }

    public static TracedText Join(TracedText separator, IEnumerable<TemplateValue> items, RenderContext context)
    {
        var result = new TracedTextBuilder(context);
        var isFirst = true;
        foreach (var item in items)
        {
            context.Charge(1);
            if (!isFirst)
            {
                result.Append(separator);
            }

            item.Write(result, context);
            isFirst = false;
        }

        return result.ToText();
    }

    private static bool IsLineEnd(char character) =>
        character is '\n' or '\r' or '\v' or '\f' or (>= '\u001C' and <= '\u001E') or '\u0085' or '\u2028' or '\u2029';

    private static ListValue SplitAtSpace(TracedText text, long limit, RenderContext context)
    {
        var parts = new List<TemplateValue>();
        var position = 0;
        while (true)
        {
            while (position < text.Length && IsSpace(text.Value[position]))
            {
                position++;
            }

            if (position == text.Length)
            {
                return new ListValue(parts);
            }

            var end = position;
            while (end < text.Length && !IsSpace(text.Value[end]))
            {
                end++;
            }

            if (limit >= 0 && parts.Count >= limit)
            {
                var rest = Strip(text.Slice(position, text.Length - position), null, left: false, right: true, context);
                parts.Add(new TextValue(rest));
                return new ListValue(parts);
            }

            AddPart(parts, text, position, end, context);
            position = end;
        }
    }

    private static void AddPart(List<TemplateValue> parts, TracedText text, int start, int end, RenderContext context)
    {
        context.Charge(1);
        parts.Add(new TextValue(text.Slice(start, end - start)));
    }

    private static TracedText Map(TracedText text, string characters, RenderContext context)
    {
        context.ChargeText(text.Length);
        return characters.Length == text.Length ? text.WithCharacters(characters) : TracedText.Of(characters, text.HasUserText);
    }
}
