namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A list or tuple.</summary>
internal sealed class ListExpression(int line, IReadOnlyList<Expression> items, bool isTuple) : Expression(line)
{
    public IReadOnlyList<Expression> Items { get; } = items;

    protected override TemplateValue Compute(RenderContext context) =>
        new ListValue([.. Items.Select(item => item.Evaluate(context))], isTuple);
}
