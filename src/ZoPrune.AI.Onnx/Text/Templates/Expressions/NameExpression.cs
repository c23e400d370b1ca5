namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A variable.</summary>
internal sealed class NameExpression(int line, string name) : Expression(line)
{
    public string Name { get; } = name;

    protected override TemplateValue Compute(RenderContext context) =>
        context.Scope.Find(Name) ?? Functions.Find(Name) as TemplateValue ?? new UndefinedValue($"'{Name}' is undefined");
}
