namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Python's equality for the keys of dictionaries.</summary>
internal sealed class ValueComparer(RenderContext context) : IEqualityComparer<TemplateValue>
{
    public bool Equals(TemplateValue? x, TemplateValue? y) => x is not null && y is not null && Comparison.AreEqual(x, y, context);

    public int GetHashCode(TemplateValue obj)
    {
        context.Charge(1);
        switch (obj)
        {
            case TextValue text:
                context.ChargeText(text.Text.Length);
                return text.Value.GetHashCode(StringComparison.Ordinal);
            case ListValue { IsTuple: true } tuple:
                var outer = context.Enter(context.Line);
                var hash = default(HashCode);
                foreach (var item in tuple.Items)
                {
                    hash.Add(GetHashCode(item));
                }

                context.Leave(outer);
                return hash.ToHashCode();
            case ListValue or DictionaryValue:
                throw context.Error($"unhashable type: '{obj.TypeName}'.");
            default:
                return Numbers.IsNumber(obj) ? Numbers.ToDouble(obj).GetHashCode() : obj.TypeName.GetHashCode(StringComparison.Ordinal);
        }
    }
}
