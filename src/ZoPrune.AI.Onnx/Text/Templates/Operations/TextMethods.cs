namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>The methods of strings.</summary>
internal static class TextMethods
{
    public static FunctionValue? Find(TextValue self, string name)
    {
        var text = self.Text;
        Func<CallArguments, RenderContext, TemplateValue>? body = name switch
        {
            "strip" => (a, c) => Strip(text, a, true, true, c),
            "lstrip" => (a, c) => Strip(text, a, true, false, c),
            "rstrip" => (a, c) => Strip(text, a, false, true, c),
            "upper" => (a, c) => Simple(a, TextOperations.Upper(text, c)),
            "lower" => (a, c) => Simple(a, TextOperations.Lower(text, c)),
            "capitalize" => (a, c) => Simple(a, TextOperations.Capitalize(text, c)),
            "title" => (a, c) => Simple(a, TextOperations.Title(text, character => !char.IsLetter(character), c)),
            "split" => (a, c) => Split(a, (separator, limit) => TextOperations.Split(text, separator, limit, c)),
            "rsplit" => (a, c) => Split(a, (separator, limit) => TextOperations.SplitRight(text, separator, limit, c)),
            "splitlines" => (a, c) =>
            {
                a.Require(0);
                return TextOperations.SplitLines(text, c);
            },
            "startswith" => (a, c) => HasAffix(a, affix => text.Value.StartsWith(affix, StringComparison.Ordinal), c),
            "endswith" => (a, c) => HasAffix(a, affix => text.Value.EndsWith(affix, StringComparison.Ordinal), c),
            "removeprefix" => (a, c) => RemoveAffix(text, a, isPrefix: true),
            "removesuffix" => (a, c) => RemoveAffix(text, a, isPrefix: false),
            "replace" => (a, c) => Replace(text, a, c),
            "join" => (a, c) => Join(text, a, c),
            "find" => (a, c) => Position(a, part => text.Value.IndexOf(part, StringComparison.Ordinal), text, c),
            "rfind" => (a, c) => Position(a, part => text.Value.LastIndexOf(part, StringComparison.Ordinal), text, c),
            "count" => (a, c) => Count(text, a, c),
            "isdigit" => (a, c) => IsAll(text, a, char.IsDigit),
            "isalpha" => (a, c) => IsAll(text, a, char.IsLetter),
            "isalnum" => (a, c) => IsAll(text, a, char.IsLetterOrDigit),
            "isspace" => (a, c) => IsAll(text, a, TextOperations.IsSpace),
            "isupper" => (a, c) => IsCased(text, a, char.IsUpper, char.IsLower),
            "islower" => (a, c) => IsCased(text, a, char.IsLower, char.IsUpper),
            _ => null,
        };
        return body is null ? null : new FunctionValue(name, (arguments, context) =>
        {
            context.ChargeText(text.Length);
            return body(arguments, context);
        });
    }

    private static TextValue Simple(CallArguments arguments, TracedText result)
    {
        arguments.Require(0);
        return new TextValue(result);
    }

    private static TextValue Strip(TracedText text, CallArguments arguments, bool left, bool right, RenderContext context)
    {
        arguments.Require(0, "chars");
        return new TextValue(TextOperations.Strip(text, arguments.Text(0, "chars"), left, right, context));
    }

    private static TemplateValue Split(CallArguments arguments, Func<TracedText?, long, TemplateValue> split)
    {
        arguments.Require(0, "sep", "maxsplit");
        return split(arguments.Text(0, "sep"), arguments.Integer(1, "maxsplit", -1));
    }

    private static BooleanValue HasAffix(CallArguments arguments, Func<string, bool> matches, RenderContext context)
    {
        arguments.Require(1, "affix");
        var affixes = arguments.Positional[0] is ListValue { IsTuple: true } several ? several.Elements(context) : arguments.Positional;
        return BooleanValue.Of(affixes.Any(affix => affix is TextValue text
            ? matches(text.Value)
            : throw context.Error($"a string is needed, not '{affix.TypeName}'.")));
    }

    private static TextValue RemoveAffix(TracedText text, CallArguments arguments, bool isPrefix)
    {
        arguments.Require(1, "affix");
        var affix = arguments.Text(0, "affix")?.Value ?? "";
        if (isPrefix)
        {
            var hasPrefix = text.Value.StartsWith(affix, StringComparison.Ordinal);
            return new TextValue(hasPrefix ? text.Slice(affix.Length, text.Length - affix.Length) : text);
        }

        return new TextValue(text.Value.EndsWith(affix, StringComparison.Ordinal) ? text.Slice(0, text.Length - affix.Length) : text);
    }

    private static TextValue Replace(TracedText text, CallArguments arguments, RenderContext context)
    {
        arguments.Require(2, "old", "new", "count");
        var old = arguments.Text(0, "old") ?? TracedText.Empty;
        var replacement = arguments.Text(1, "new") ?? TracedText.Empty;
        return new TextValue(TextOperations.Replace(text, old, replacement, arguments.Integer(2, "count", -1), context));
    }

    private static TextValue Join(TracedText separator, CallArguments arguments, RenderContext context)
    {
        arguments.Require(1, "iterable");
        var items = arguments.Positional[0].Elements(context)?.ToList() ?? throw context.Error("can only join an iterable.");
        var wrong = items.Find(item => item is not TextValue);
        return wrong is null
            ? new TextValue(TextOperations.Join(separator, items, context))
            : throw context.Error($"join needs strings, not '{wrong.TypeName}'.");
    }

    private static IntegerValue Position(CallArguments arguments, Func<string, int> find, TracedText text, RenderContext context)
    {
        arguments.Require(1, "sub");
        var part = arguments.Text(0, "sub")?.Value ?? "";
        context.ChargeSearch(text.Length, part.Length);
        var index = find(part);
        return new IntegerValue(index <= 0 ? index : CodePoints.Count(text.Value[..index]));
    }

    private static IntegerValue Count(TracedText text, CallArguments arguments, RenderContext context)
    {
        arguments.Require(1, "sub");
        var part = arguments.Text(0, "sub")?.Value ?? "";
        context.ChargeSearch(text.Length, part.Length);
        return new IntegerValue(part.Length == 0 ? CodePoints.Count(text.Value) + 1 : text.Value.AsSpan().Count(part));
    }

    private static BooleanValue IsAll(TracedText text, CallArguments arguments, Func<char, bool> matches)
    {
        arguments.Require(0);
        return BooleanValue.Of(text.Length > 0 && text.Value.All(matches));
    }

    private static BooleanValue IsCased(TracedText text, CallArguments arguments, Func<char, bool> wanted, Func<char, bool> unwanted)
    {
        arguments.Require(0);
        return BooleanValue.Of(text.Value.Any(wanted) && !text.Value.Any(unwanted));
    }
}
