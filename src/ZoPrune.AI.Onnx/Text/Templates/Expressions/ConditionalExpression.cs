namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>value if condition else other</c>.</summary>
internal sealed class ConditionalExpression(int line, Expression condition, Expression value, Expression? other) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context) =>
        condition.Evaluate(context).IsTrue ? value.Evaluate(context)
        : other?.Evaluate(context) ?? new UndefinedValue("the inline if-expression evaluated to false and no else section was defined");
}
