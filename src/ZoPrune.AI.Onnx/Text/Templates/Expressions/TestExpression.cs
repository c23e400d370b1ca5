namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>input is name(arguments)</c>.</summary>
internal sealed class TestExpression(int line, Expression input, string name, ArgumentList arguments) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context) =>
        BooleanValue.Of(Tests.Holds(name, input.Evaluate(context), arguments.Evaluate(name, context), context));
}
