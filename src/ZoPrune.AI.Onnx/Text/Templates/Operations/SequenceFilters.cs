namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Filters that take or give sequences.</summary>
internal static class SequenceFilters
{
    /// <summary>The result, or null if the name is not among these filters.</summary>
    public static TemplateValue? Apply(string name, TemplateValue value, CallArguments arguments, RenderContext context) => name switch
    {
        "length" or "count" => Length(value, arguments, context),
        "first" => End(value, arguments, items => items[0], context),
        "last" => End(value, arguments, items => items[^1], context),
        "list" => List(value, arguments, context),
        "join" => Join(value, arguments, context),
        "items" => Items(value, arguments, context),
        "dictsort" => SortDictionary(value, arguments, context),
        "map" => Map(value, arguments, context),
        "select" => Select(value, arguments, wanted: true, context),
        "reject" => Select(value, arguments, wanted: false, context),
        "selectattr" => SelectAttribute(value, arguments, wanted: true, context),
        "rejectattr" => SelectAttribute(value, arguments, wanted: false, context),
        "sum" => Sum(value, arguments, context),
        "min" => Extreme(value, arguments, sign: -1, context),
        "max" => Extreme(value, arguments, sign: 1, context),
        "unique" => Unique(value, arguments, context),
        "sort" => Sort(value, arguments, context),
        "reverse" => Reverse(value, arguments, context),
        "batch" => Batch(value, arguments, context),
        "groupby" => GroupBy(value, arguments, context),
        _ => null,
    };

    private static IntegerValue Length(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0);
        context.ChargeText(value is TextValue text ? text.Text.Length : 0);
        return new IntegerValue(value.LengthOf() ?? throw context.Error($"object of type '{value.TypeName}' has no length."));
    }

    private static TemplateValue End(
        TemplateValue value, CallArguments arguments, Func<List<TemplateValue>, TemplateValue> pick, RenderContext context)
    {
        arguments.Require(0);
        var items = Sequences.ToList(value, context);
        return items.Count > 0 ? pick(items) : new UndefinedValue("the sequence is empty");
    }

    private static ListValue List(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0);
        return new ListValue(Sequences.ToList(value, context));
    }

    private static TextValue Join(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "d", "attribute");
        var separator = arguments.Find(0, "d")?.ToText(context) ?? TracedText.Empty;
        var items = Keyed(value, arguments.Find(1, "attribute"), context).Select(pair => pair.Key);
        return new TextValue(TextOperations.Join(separator, items, context));
    }

    private static ListValue Items(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0);
        return value switch
        {
            DictionaryValue dictionary => dictionary.Items(context),
            UndefinedValue => new ListValue([]),
            _ => throw context.Error("can only get item pairs from a mapping."),
        };
    }

    private static ListValue SortDictionary(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "case_sensitive", "by", "reverse");
        if (value is not DictionaryValue dictionary)
        {
            throw context.Error($"'dictsort' needs a dictionary, not '{value.TypeName}'.");
        }

        var byValue = arguments.Text(1, "by")?.Value == "value";
        var caseSensitive = arguments.Flag(0, "case_sensitive");
        return new ListValue(Sequences.Sort(
            dictionary.Items(context).Items,
            pair => Folded(((ListValue)pair).Items[byValue ? 1 : 0], caseSensitive, context),
            arguments.Flag(2, "reverse"),
            context));
    }

    private static ListValue Map(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        if (arguments.Positional.Count == 0)
        {
            arguments.Require(0, "attribute", "default");
            var path = arguments.Find(0, "attribute") ?? throw context.Error("'map' needs a filter or an attribute.");
            var otherwise = arguments.Find(1, "default");
            return new ListValue([.. Keyed(value, path, context)
                .Select(pair => pair.Key is UndefinedValue && otherwise is not null ? otherwise : pair.Key)]);
        }

        var filter = arguments.Text(0, "filter")?.Value ?? "";
        var rest = arguments.Skip(1, filter);
        return new ListValue([.. Sequences.ToList(value, context).Select(item => Filters.Apply(filter, item, rest, context))]);
    }

    private static ListValue Select(TemplateValue value, CallArguments arguments, bool wanted, RenderContext context)
    {
        var items = Sequences.ToList(value, context);
        return new ListValue(items.FindAll(item => Passes(item, arguments, 0, context) == wanted));
    }

    private static ListValue SelectAttribute(TemplateValue value, CallArguments arguments, bool wanted, RenderContext context)
    {
        if (arguments.Positional.Count == 0)
        {
            throw context.Error("an attribute is needed.");
        }

        var items = Sequences.ToList(value, context);
        return new ListValue(items.FindAll(item =>
            Passes(Members.Path(item, arguments.Positional[0], context), arguments, 1, context) == wanted));
    }

    private static bool Passes(TemplateValue item, CallArguments arguments, int first, RenderContext context)
    {
        if (arguments.Positional.Count <= first)
        {
            return item.IsTrue;
        }

        var test = arguments.Text(first, "test")?.Value ?? "";
        return Tests.Holds(test, item, arguments.Skip(first + 1, test), context);
    }

    private static TemplateValue Sum(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "attribute", "start");
        var sum = arguments.Find(1, "start") ?? new IntegerValue(0);
        foreach (var (_, item) in Keyed(value, arguments.Find(0, "attribute"), context))
        {
            sum = Arithmetic.Apply("+", sum, item, context);
        }

        return sum;
    }

    private static TemplateValue Extreme(TemplateValue value, CallArguments arguments, int sign, RenderContext context)
    {
        arguments.Require(0, "case_sensitive", "attribute");
        var caseSensitive = arguments.Flag(0, "case_sensitive");
        TemplateValue? best = null;
        TemplateValue? bestKey = null;
        foreach (var (item, attribute) in Keyed(value, arguments.Find(1, "attribute"), context))
        {
            var key = Folded(attribute, caseSensitive, context);
            if (bestKey is null || Comparison.Compare(key, bestKey, "<", context) * sign > 0)
            {
                (best, bestKey) = (item, key);
            }
        }

        return best ?? new UndefinedValue("the sequence is empty");
    }

    private static ListValue Unique(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "case_sensitive", "attribute");
        var caseSensitive = arguments.Flag(0, "case_sensitive");
        var seen = new HashSet<TemplateValue>(new ValueComparer(context));
        return new ListValue([.. Keyed(value, arguments.Find(1, "attribute"), context)
            .Where(pair => seen.Add(Folded(pair.Key, caseSensitive, context)))
            .Select(pair => pair.Item)]);
    }

    private static ListValue Sort(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "reverse", "case_sensitive", "attribute");
        var caseSensitive = arguments.Flag(1, "case_sensitive");
        var keyed = Keyed(value, arguments.Find(2, "attribute"), context);
        return new ListValue([.. Sequences
            .Sort(keyed, pair => Folded(pair.Key, caseSensitive, context), arguments.Flag(0, "reverse"), context)
            .Select(pair => pair.Item)]);
    }

    private static TemplateValue Reverse(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0);
        if (value is TextValue text)
        {
            return Slices.Apply(text, null, null, new IntegerValue(-1), context);
        }

        var items = Sequences.ToList(value, context);
        items.Reverse();
        return new ListValue(items);
    }

    private static ListValue Batch(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(1, "linecount", "fill_with");
        var size = arguments.Integer(0, "linecount", 0);
        if (size is < 1 or > int.MaxValue)
        {
            throw context.Error("'batch' needs a size above 0.");
        }

        var fill = arguments.Find(1, "fill_with");
        var batches = new List<TemplateValue>();
        foreach (var batch in Sequences.ToList(value, context).Chunk((int)size))
        {
            var items = batch.ToList();
            if (fill is not null and not NoneValue && items.Count < size)
            {
                context.Charge(size - items.Count);
                items.AddRange(Enumerable.Repeat(fill, (int)size - items.Count));
            }

            batches.Add(new ListValue(items));
        }

        return new ListValue(batches);
    }

    private static ListValue GroupBy(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(1, "attribute", "default", "case_sensitive");
        var otherwise = arguments.Find(1, "default");
        var caseSensitive = arguments.Flag(2, "case_sensitive");
        var keyed = Keyed(value, arguments.Positional[0], context)
            .Select(pair => (pair.Item, Key: pair.Key is UndefinedValue && otherwise is not null ? otherwise : pair.Key));
        var groups = new List<(TemplateValue Key, List<TemplateValue> Items)>();
        foreach (var (item, key) in Sequences.Sort(keyed, pair => Folded(pair.Key, caseSensitive, context), reverse: false, context))
        {
            var folded = Folded(key, caseSensitive, context);
            if (groups.Count == 0 || !Comparison.AreEqual(Folded(groups[^1].Key, caseSensitive, context), folded, context))
            {
                groups.Add((key, []));
            }

            groups[^1].Items.Add(item);
        }

        return new ListValue([.. groups.Select(group => new ListValue([group.Key, new ListValue(group.Items)], isTuple: true))]);
    }

    private static List<(TemplateValue Item, TemplateValue Key)> Keyed(TemplateValue value, TemplateValue? path, RenderContext context) =>
        [.. Sequences.ToList(value, context).Select(item => (item, path is null or NoneValue ? item : Members.Path(item, path, context)))];

    private static TemplateValue Folded(TemplateValue value, bool caseSensitive, RenderContext context) =>
        !caseSensitive && value is TextValue text ? new TextValue(TextOperations.Lower(text.Text, context)) : value;
}
