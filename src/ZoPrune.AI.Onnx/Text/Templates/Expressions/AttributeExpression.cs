namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>owner.name</c>.</summary>
internal sealed class AttributeExpression(int line, Expression owner, string name) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context) => Members.Attribute(owner.Evaluate(context), name, context);
}
