namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Operations on the elements of values.</summary>
internal static class Sequences
{
    /// <summary>The elements, counted; an error if the value has none.</summary>
    public static List<TemplateValue> ToList(TemplateValue value, RenderContext context) =>
        value.Elements(context)?.ToList() ?? throw context.Error($"'{value.TypeName}' is not iterable.");

    /// <summary>A stable sort by keys in Python's order.</summary>
    public static List<T> Sort<T>(IEnumerable<T> items, Func<T, TemplateValue> key, bool reverse, RenderContext context)
    {
        // Python keeps the order of equal elements in a reversed sort as well.
        var order = Comparer<TemplateValue>.Create((left, right) => Comparison.Compare(left, right, "<", context) ?? 0);
        var keyed = items.Select(item => (Item: item, Key: key(item))).ToList();
        var sorted = reverse ? keyed.OrderByDescending(pair => pair.Key, order) : keyed.OrderBy(pair => pair.Key, order);
        try
        {
            return [.. sorted.Select(pair => pair.Item)];
        }
        catch (InvalidOperationException e) when (e.InnerException is ChatTemplateException inner)
        {
            throw inner;
        }
        catch (ArgumentException)
        {
            // NaN has no place in an order, which the sort may notice.
            throw context.Error("the elements have no order.");
        }
    }
}
