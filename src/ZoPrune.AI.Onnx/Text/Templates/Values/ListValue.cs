namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A list or a tuple. Templates cannot change one.</summary>
internal sealed class ListValue(IReadOnlyList<TemplateValue> items, bool isTuple = false) : TemplateValue
{
    public IReadOnlyList<TemplateValue> Items { get; } = items;

    public bool IsTuple { get; } = isTuple;

    public override string TypeName => IsTuple ? "tuple" : "list";

    public override bool IsTrue => Items.Count > 0;

    public override void Write(TracedTextBuilder text, RenderContext context)
    {
        var outer = context.Enter(context.Line);
        text.Append(IsTuple ? "(" : "[", isUser: false);
        for (var i = 0; i < Items.Count; i++)
        {
            text.Append(i > 0 ? ", " : "", isUser: false);
            Items[i].WriteLiteral(text, context);
        }

        text.Append(IsTuple ? Items.Count == 1 ? ",)" : ")" : "]", isUser: false);
        context.Leave(outer);
    }

    public override IEnumerable<TemplateValue> Elements(RenderContext context)
    {
        context.Charge(Items.Count);
        return Items;
    }

    public override int? LengthOf() => Items.Count;

    public override TemplateValue? Attribute(string name, RenderContext context) => name switch
    {
        "index" => new FunctionValue(name, (arguments, c) =>
        {
            arguments.Require(1, "value");
            for (var i = 0; i < Items.Count; i++)
            {
                if (Comparison.AreEqual(Items[i], arguments.Positional[0], c))
                {
                    return new IntegerValue(i);
                }
            }

            throw c.Error("list.index(x): x is not in the list.");
        }),
        "count" => new FunctionValue(name, (arguments, c) =>
        {
            arguments.Require(1, "value");
            return new IntegerValue(Items.Count(item => Comparison.AreEqual(item, arguments.Positional[0], c)));
        }),
        _ => null,
    };

    public override TemplateValue? Item(TemplateValue key, RenderContext context)
    {
        if (!Numbers.TryInteger(key, out var index))
        {
            return null;
        }

        index = index < 0 ? index + Items.Count : index;
        return index >= 0 && index < Items.Count ? Items[(int)index] : null;
    }
}
