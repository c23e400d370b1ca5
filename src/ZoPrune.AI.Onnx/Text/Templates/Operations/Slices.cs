namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Python's slices of strings, lists and tuples.</summary>
internal static class Slices
{
    public static TemplateValue Apply(TemplateValue owner, TemplateValue? from, TemplateValue? to, TemplateValue? by, RenderContext context)
    {
        var step = Bound(by, context) ?? 1;
        if (step == 0)
        {
            throw context.Error("slice step cannot be zero.");
        }

        switch (owner)
        {
            case ListValue list:
                context.Charge(list.Items.Count);
                var indexes = Indexes(list.Items.Count, Bound(from, context), Bound(to, context), step);
                return new ListValue([.. indexes.Select(index => list.Items[index])], list.IsTuple);
            case TextValue text:
                return Text(text.Text, Bound(from, context), Bound(to, context), step, context);
            case UndefinedValue undefined:
                throw context.Error(undefined.Description + ".");
            default:
                throw context.Error($"'{owner.TypeName}' cannot be sliced.");
        }
    }

    private static TextValue Text(TracedText text, long? from, long? to, long step, RenderContext context)
    {
        context.ChargeText(text.Length);
        var offsets = CodePoints.Offsets(text.Value);
        var indexes = Indexes(offsets.Length - 1, from, to, step).ToList();
        if (indexes.Count == 0)
        {
            return new TextValue(TracedText.Empty);
        }

        if (step == 1)
        {
            return new TextValue(text.Slice(offsets[indexes[0]], offsets[indexes[^1] + 1] - offsets[indexes[0]]));
        }

        var result = new TracedTextBuilder(context);
        foreach (var index in indexes)
        {
            result.Append(text, offsets[index], offsets[index + 1] - offsets[index]);
        }

        return new TextValue(result.ToText());
    }

    private static IEnumerable<int> Indexes(int count, long? from, long? to, long step)
    {
        var (low, high) = step > 0 ? (0L, (long)count) : (-1L, count - 1L);
        var start = Clamp(from, step > 0 ? low : high, count, low, high);
        var end = Clamp(to, step > 0 ? high : low, count, low, high);
        step = Math.Clamp(step, -1L - count, 1L + count);
        for (var i = start; step > 0 ? i < end : i > end; i += step)
        {
            yield return (int)i;
        }
    }

    private static long Clamp(long? bound, long otherwise, int count, long low, long high) =>
        bound is { } value ? Math.Clamp(value < 0 ? value + count : value, low, high) : otherwise;

    private static long? Bound(TemplateValue? value, RenderContext context) => value switch
    {
        null or NoneValue => null,
        _ when Numbers.TryInteger(value, out var integer) => integer,
        _ => throw context.Error($"slice bounds must be whole numbers or None, not '{value.TypeName}'."),
    };
}
