namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>a ~ b ~ c</c>.</summary>
internal sealed class ConcatenationExpression(int line, IReadOnlyList<Expression> operands) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context)
    {
        var text = new TracedTextBuilder(context);
        foreach (var operand in operands)
        {
            operand.Evaluate(context).Write(text, context);
        }

        return new TextValue(text.ToText());
    }
}
