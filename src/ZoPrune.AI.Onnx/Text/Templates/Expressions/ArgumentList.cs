namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>The arguments as a template writes them, <c>*</c> and <c>**</c> included.</summary>
internal sealed class ArgumentList(IReadOnlyList<(string? Name, string Splat, Expression Value)> arguments)
{
    public static ArgumentList None { get; } = new([]);

    public CallArguments Evaluate(string callee, RenderContext context)
    {
        var positional = new List<TemplateValue>();
        var named = new List<KeyValuePair<string, TemplateValue>>();
        foreach (var (name, splat, expression) in arguments)
        {
            var value = expression.Evaluate(context);
            context.ChargeText(value is TextValue text ? text.Text.Length : 0);
            if (name is not null)
            {
                named.Add(new(name, value));
            }
            else if (splat == "*")
            {
                positional.AddRange(Sequences.ToList(value, context));
            }
            else if (splat == "**")
            {
                var dictionary = value as DictionaryValue ?? throw context.Error($"'**' needs a dictionary, not '{value.TypeName}'.");
                named.AddRange(dictionary.Entries.Select(entry => KeyValuePair.Create(entry.Key.ToText(context).Value, entry.Value)));
            }
            else
            {
                positional.Add(value);
            }
        }

        return new CallArguments(callee, positional, named, context);
    }
}
