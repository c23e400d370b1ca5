namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>The global functions, by name.</summary>
internal static class Functions
{
    public static FunctionValue? Find(string name)
    {
        Func<CallArguments, RenderContext, TemplateValue>? body = name switch
        {
            "raise_exception" => Raise,
            "strftime_now" => FormatNow,
            "range" => Range,
            "namespace" => Namespace,
            "dict" => Dictionary,
            _ => null,
        };
        return body is null ? null : new FunctionValue(name, body);
    }

    private static TemplateValue Raise(CallArguments arguments, RenderContext context)
    {
        arguments.Require(1, "message");
        throw context.Error(arguments.Positional[0].ToText(context).Value);
    }

    private static TextValue FormatNow(CallArguments arguments, RenderContext context)
    {
        arguments.Require(1, "format");
        var format = arguments.Text(0, "format")?.Value ?? "";
        context.ChargeText(format.Length);
        return TextValue.Template(TimeFormat.Format(context.Now, format, context));
    }

    private static ListValue Range(CallArguments arguments, RenderContext context)
    {
        arguments.Require(1, "start", "stop", "step");
        var (start, stop) = arguments.Positional.Count == 1
            ? (0, arguments.Integer(0, "stop", 0))
            : (arguments.Integer(0, "start", 0), arguments.Integer(1, "stop", 0));
        var step = arguments.Integer(2, "step", 1);
        if (step == 0)
        {
            throw context.Error("range() needs a step other than 0.");
        }

        var items = new List<TemplateValue>();
        for (var value = (Int128)start; step > 0 ? value < stop : value > stop; value += step)
        {
            context.Charge(1);
            items.Add(new IntegerValue((long)value));
        }

        return new ListValue(items);
    }

    private static NamespaceValue Namespace(CallArguments arguments, RenderContext context)
    {
        var result = new NamespaceValue();
        foreach (var (name, value) in Dictionary(arguments, context).Entries)
        {
            result.Attributes[name.ToText(context).Value] = value;
        }

        return result;
    }

    private static DictionaryValue Dictionary(CallArguments arguments, RenderContext context)
    {
        var result = new DictionaryValue(context);
        foreach (var source in arguments.Positional)
        {
            foreach (var item in source is DictionaryValue dictionary ? dictionary.Items(context).Items : Sequences.ToList(source, context))
            {
                var pair = Sequences.ToList(item, context);
                result.Entries[pair.Count == 2 ? pair[0] : throw context.Error("a dictionary is made of pairs.")] = pair[1];
            }
        }

        foreach (var (name, value) in arguments.Named)
        {
            result.Entries[TextValue.Template(name)] = value;
        }

        return result;
    }
}
