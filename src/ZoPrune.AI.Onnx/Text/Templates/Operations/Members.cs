namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Attribute and item look-up as Jinja does it: each form falls back to the other.</summary>
internal static class Members
{
    public static TemplateValue Attribute(TemplateValue owner, string name, RenderContext context) =>
        owner is UndefinedValue undefined
            ? throw context.Error(undefined.Description + ".")
            : owner.Attribute(name, context)
                ?? owner.Item(TextValue.Template(name), context)
                ?? new UndefinedValue($"'{owner.TypeName}' has no attribute '{name}'");

    public static TemplateValue Item(TemplateValue owner, TemplateValue key, RenderContext context)
    {
        if (owner is UndefinedValue undefined)
        {
            throw context.Error(undefined.Description + ".");
        }

        var name = key is TextValue text ? text.Value : null;
        return owner.Item(key, context)
            ?? (name is null ? null : owner.Attribute(name, context))
            ?? new UndefinedValue(name is null ? $"'{owner.TypeName}' has no such item" : $"'{owner.TypeName}' has no item '{name}'");
    }

    /// <summary>Follows a dotted path, as the filters that take an <c>attribute</c> do; parts that are numbers are indices.</summary>
    public static TemplateValue Path(TemplateValue owner, TemplateValue path, RenderContext context)
    {
        if (path is not TextValue text)
        {
            return Item(owner, path, context);
        }

        context.ChargeText(text.Text.Length);
        foreach (var part in text.Value.Split('.'))
        {
            context.Charge(1);
            owner = part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit)
                ? Item(owner, new IntegerValue(long.Parse(part, System.Globalization.CultureInfo.InvariantCulture)), context)
                : Item(owner, TextValue.Template(part), context);
        }

        return owner;
    }
}
