namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>What a value is assigned to: a name, several names, or an attribute of a namespace.</summary>
/// <param name="Names">The names; one unless the value is unpacked.</param>
/// <param name="Attribute">The attribute of the namespace <paramref name="Names"/>[0], or null.</param>
/// <param name="Unpacks">Whether the value is a sequence with one element for each name.</param>
internal sealed record AssignmentTarget(IReadOnlyList<string> Names, string? Attribute, bool Unpacks)
{
    public void Assign(TemplateValue value, Scope scope, RenderContext context)
    {
        if (Attribute is not null)
        {
            var owner = context.Scope.Find(Names[0]) as NamespaceValue
                ?? throw context.Error($"'{Names[0]}' is not a namespace: its attributes cannot be set.");
            owner.Attributes[Attribute] = value;
            return;
        }

        if (!Unpacks)
        {
            scope.Set(Names[0], value);
            return;
        }

        var items = Sequences.ToList(value, context);
        if (items.Count != Names.Count)
        {
            throw context.Error($"{items.Count} values cannot be unpacked into {Names.Count} names.");
        }

        for (var i = 0; i < items.Count; i++)
        {
            scope.Set(Names[i], items[i]);
        }
    }
}
