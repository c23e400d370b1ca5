namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>input | name(arguments)</c>.</summary>
internal sealed class FilterExpression(int line, Expression input, string name, ArgumentList arguments) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context) =>
        Filters.Apply(name, input.Evaluate(context), arguments.Evaluate(name, context), context);
}
