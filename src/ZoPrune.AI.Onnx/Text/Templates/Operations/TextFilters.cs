using System.Text;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Filters that give text.</summary>
internal static class TextFilters
{
    /// <summary>The result, or null if the name is not among these filters.</summary>
    public static TemplateValue? Apply(string name, TemplateValue value, CallArguments arguments, RenderContext context)
    {
        TracedText Input() => value.ToText(context);
        var text = name switch
        {
            "trim" => Trim(Input(), arguments, context),
            "upper" => Simple(arguments, TextOperations.Upper(Input(), context)),
            "lower" => Simple(arguments, TextOperations.Lower(Input(), context)),
            "capitalize" => Simple(arguments, TextOperations.Capitalize(Input(), context)),
            "title" => Simple(arguments, TextOperations.Title(Input(), IsBeforeWord, context)),
            "string" or "safe" => Simple(arguments, Input()),
            "escape" or "e" or "forceescape" => Simple(arguments, Escape(Input(), context)),
            "replace" => Replace(Input(), arguments, context),
            "indent" => Indent(Input(), arguments, context),
            "format" => PercentFormat.Apply(Input(), arguments.Positional, context).Text,
            "center" => Center(Input(), arguments, context),
            "tojson" => ToJson(value, arguments, context),
            _ => null,
        };
        return text is null ? null : new TextValue(text);
    }

    private static bool IsBeforeWord(char character) =>
        TextOperations.IsSpace(character) || "-({[<".Contains(character, StringComparison.Ordinal);

    private static TracedText Simple(CallArguments arguments, TracedText result)
    {
        arguments.Require(0);
        return result;
    }

    private static TracedText Trim(TracedText text, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "chars");
        return TextOperations.Strip(text, arguments.Text(0, "chars"), left: true, right: true, context);
    }

    private static TracedText Replace(TracedText text, CallArguments arguments, RenderContext context)
    {
        arguments.Require(2, "old", "new", "count");
        var count = arguments.Find(2, "count") is null or NoneValue ? -1 : arguments.Integer(2, "count", -1);
        return TextOperations.Replace(
            text, arguments.Positional[0].ToText(context), arguments.Positional[1].ToText(context), count, context);
    }

    private static TracedText Escape(TracedText text, RenderContext context)
    {
        var result = new TracedTextBuilder(context);
        var start = 0;
        foreach (var run in text.Runs)
        {
            for (; start < run.End; start++)
            {
                ReadOnlySpan<char> escaped = text.Value[start] switch
                {
                    '&' => "&amp;",
                    '<' => "&lt;",
                    '>' => "&gt;",
                    '\'' => "&#39;",
                    '"' => "&#34;",
                    _ => text.Value.AsSpan(start, 1),
                };
                result.Append(escaped, run.IsUser);
            }
        }

        return result.ToText();
    }

    private static TracedText Indent(TracedText text, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "width", "first", "blank");
        var indent = arguments.Find(0, "width") is TextValue given
            ? given.Text
            : TracedText.Of(Spaces(arguments.Integer(0, "width", 4), context), isUser: false);
        var (first, blank) = (arguments.Flag(1, "first"), arguments.Flag(2, "blank"));
        var source = new TracedTextBuilder(context);
        source.Append(text);

        // As Jinja2 does: a final newline is kept as an empty last line.
        source.Append("\n", isUser: false);
        var lines = TextOperations.SplitLines(source.ToText(), context).Items;
        var result = new TracedTextBuilder(context);
        for (var i = 0; i < lines.Count; i++)
        {
            var line = ((TextValue)lines[i]).Text;
            result.Append(i > 0 ? "\n" : "", isUser: false);
            if (i == 0 ? first : blank || line.Length > 0)
            {
                result.Append(indent);
            }

            result.Append(line);
        }

        return result.ToText();
    }

    private static TracedText Center(TracedText text, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "width");
        var width = arguments.Integer(0, "width", 80);
        var margin = width - CodePoints.Count(text.Value);
        if (margin <= 0)
        {
            return text;
        }

        // CPython's rule for an odd margin.
        var left = (margin / 2) + (margin & width & 1);
        var result = new TracedTextBuilder(context);
        result.Append(Spaces(left, context), isUser: false);
        result.Append(text);
        result.Append(Spaces(margin - left, context), isUser: false);
        return result.ToText();
    }

    private static TracedText ToJson(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "indent", "ensure_ascii", "separators", "sort_keys");
        string? indent = null;
        if (arguments.Find(0, "indent") is { } given and not NoneValue)
        {
            indent = given is TextValue text ? text.Value : Spaces(arguments.Integer(0, "indent", 0), context);
        }

        var (items, keys) = (indent is null ? ", " : ",", ": ");
        if (arguments.Find(2, "separators") is ListValue { Items: [TextValue item, TextValue key] })
        {
            (items, keys) = (item.Value, key.Value);
        }

        var result = new TracedTextBuilder(context);
        var asciiOnly = arguments.Flag(1, "ensure_ascii");
        new JsonWriter(result, indent, items, keys, asciiOnly, arguments.Flag(3, "sort_keys"), context).Write(value);
        return result.ToText();
    }

    private static string Spaces(long count, RenderContext context)
    {
        context.ChargeText(Math.Max(0, count));
        return new StringBuilder().Append(' ', (int)Math.Max(0, count)).ToString();
    }
}
