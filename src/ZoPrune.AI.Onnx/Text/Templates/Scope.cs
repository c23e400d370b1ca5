namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Variables of a block; what it does not set is looked up outside.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, TemplateValue> _variables = new(StringComparer.Ordinal);

    public void Set(string name, TemplateValue value) => _variables[name] = value;

    public TemplateValue? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._variables.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return null;
    }

    private Scope? Outer { get; } = outer;
}
