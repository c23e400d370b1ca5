namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Python's comparisons.</summary>
internal static class Comparison
{
    public static bool AreEqual(TemplateValue left, TemplateValue right, RenderContext context)
    {
        context.Charge(1);
        switch (left, right)
        {
            case (TextValue a, TextValue b):
                context.ChargeText(a.Text.Length == b.Text.Length ? a.Text.Length : 0);
                return string.Equals(a.Value, b.Value, StringComparison.Ordinal);
            case (ListValue a, ListValue b) when a.IsTuple == b.IsTuple && a.Items.Count == b.Items.Count:
                return Nested(context, () => a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second, context)));
            case (DictionaryValue a, DictionaryValue b) when a.Entries.Count == b.Entries.Count:
                return Nested(context, () => a.Entries.All(entry =>
                    b.Entries.TryGetValue(entry.Key, out var other) && AreEqual(entry.Value, other, context)));
            case (UndefinedValue, UndefinedValue):
                return true;
            default:
                return Numbers.IsNumber(left) && Numbers.IsNumber(right) ? CompareNumbers(left, right) == 0 : ReferenceEquals(left, right);
        }
    }

    /// <summary>Negative, zero or positive; an error for values without an order. NaN gives null.</summary>
    public static int? Compare(TemplateValue left, TemplateValue right, string operation, RenderContext context)
    {
        context.Charge(1);
        switch (left, right)
        {
            case (TextValue a, TextValue b):
                context.ChargeText(Math.Min(a.Text.Length, b.Text.Length));
                return string.CompareOrdinal(a.Value, b.Value);
            case (ListValue a, ListValue b) when a.IsTuple == b.IsTuple:
                return Nested(context, () => CompareLists(a, b, operation, context));
            case (UndefinedValue undefined, _):
                throw context.Error(undefined.Description + ".");
            case (_, UndefinedValue undefined):
                throw context.Error(undefined.Description + ".");
            default:
                return Numbers.IsNumber(left) && Numbers.IsNumber(right)
                    ? CompareNumbers(left, right)
                    : throw context.Error($"'{operation}' is not supported between '{left.TypeName}' and '{right.TypeName}'.");
        }
    }

    public static bool Contains(TemplateValue container, TemplateValue item, RenderContext context)
    {
        switch (container)
        {
            case TextValue text when item is TextValue part:
                context.ChargeSearch(text.Text.Length, part.Text.Length);
                return text.Value.Contains(part.Value, StringComparison.Ordinal);
            case TextValue:
                throw context.Error($"'in <string>' requires a string as left operand, not {item.TypeName}.");
            case DictionaryValue dictionary:
                return dictionary.Entries.ContainsKey(item);
        }

        var elements = container.Elements(context) ?? throw context.Error($"argument of type '{container.TypeName}' is not iterable.");
        return elements.Any(element => AreEqual(element, item, context));
    }

    private static int? CompareLists(ListValue left, ListValue right, string operation, RenderContext context)
    {
        for (var i = 0; i < Math.Min(left.Items.Count, right.Items.Count); i++)
        {
            if (!AreEqual(left.Items[i], right.Items[i], context))
            {
                return Compare(left.Items[i], right.Items[i], operation, context);
            }
        }

        return left.Items.Count.CompareTo(right.Items.Count);
    }

    private static int? CompareNumbers(TemplateValue left, TemplateValue right)
    {
        if (Numbers.TryInteger(left, out var a) && Numbers.TryInteger(right, out var b))
        {
            return a.CompareTo(b);
        }

        var (x, y) = (Numbers.ToDouble(left), Numbers.ToDouble(right));
        return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
    }

    private static T Nested<T>(RenderContext context, Func<T> compare)
    {
        var outer = context.Enter(context.Line);
        var result = compare();
        context.Leave(outer);
        return result;
    }
}
