namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A dictionary that keeps the order of its entries. Templates cannot change one.</summary>
internal sealed class DictionaryValue(RenderContext context) : TemplateValue
{
    public OrderedDictionary<TemplateValue, TemplateValue> Entries { get; } = new(new ValueComparer(context));

    public override string TypeName => "dict";

    public override bool IsTrue => Entries.Count > 0;

    public override void Write(TracedTextBuilder text, RenderContext context)
    {
        var outer = context.Enter(context.Line);
        text.Append("{", isUser: false);
        var separator = "";
        foreach (var (key, value) in Entries)
        {
            text.Append(separator, isUser: false);
            key.WriteLiteral(text, context);
            text.Append(": ", isUser: false);
            value.WriteLiteral(text, context);
            separator = ", ";
        }

        text.Append("}", isUser: false);
        context.Leave(outer);
    }

    public override IEnumerable<TemplateValue> Elements(RenderContext context)
    {
        context.Charge(Entries.Count);
        return Entries.Keys;
    }

    public override int? LengthOf() => Entries.Count;

    public override TemplateValue? Attribute(string name, RenderContext context) => name switch
    {
        "items" => Method(name, Items),
        "keys" => Method(name, c => new ListValue([.. Elements(c)])),
        "values" => Method(name, c =>
        {
            c.Charge(Entries.Count);
            return new ListValue([.. Entries.Values]);
        }),
        "get" => new FunctionValue(name, (arguments, c) =>
        {
            arguments.Require(1, "key", "default");
            return Item(arguments.Positional[0], c) ?? arguments.Find(1, "default") ?? NoneValue.Instance;
        }),
        _ => null,
    };

    public override TemplateValue? Item(TemplateValue key, RenderContext context) =>
        Entries.TryGetValue(key, out var value) ? value : null;

    public ListValue Items(RenderContext context)
    {
        context.Charge(Entries.Count);
        return new ListValue([.. Entries.Select(entry => new ListValue([entry.Key, entry.Value], isTuple: true))]);
    }

    private static FunctionValue Method(string name, Func<RenderContext, TemplateValue> run) => new(name, (arguments, context) =>
    {
        arguments.Require(0);
        return run(context);
    });
}
