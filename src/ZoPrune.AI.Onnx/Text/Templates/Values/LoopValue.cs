namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>The variable <c>loop</c>.</summary>
internal sealed class LoopValue(IReadOnlyList<TemplateValue> items) : TemplateValue
{
    private TemplateValue? _lastSeen;

    /// <summary>The number of the running iteration, from 0.</summary>
    public int Index { get; set; }

    public override string TypeName => "LoopContext";

    public override bool IsTrue => true;

    public override void Write(TracedTextBuilder text, RenderContext context) =>
        text.Append($"<LoopContext {Index + 1}/{items.Count}>", isUser: false);

    public override int? LengthOf() => items.Count;

    public override TemplateValue? Attribute(string name, RenderContext context) => name switch
    {
        "index" => new IntegerValue(Index + 1),
        "index0" => new IntegerValue(Index),
        "revindex" => new IntegerValue(items.Count - Index),
        "revindex0" => new IntegerValue(items.Count - Index - 1),
        "first" => BooleanValue.Of(Index == 0),
        "last" => BooleanValue.Of(Index == items.Count - 1),
        "length" => new IntegerValue(items.Count),

        // Counts recursive loops, not nested ones.
        "depth" => new IntegerValue(1),
        "depth0" => new IntegerValue(0),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("there is no previous item"),
        "nextitem" => Index < items.Count - 1 ? items[Index + 1] : new UndefinedValue("there is no next item"),
        "cycle" => new FunctionValue(name, (arguments, c) => arguments.Positional.Count > 0
            ? arguments.Positional[Index % arguments.Positional.Count]
            : throw c.Error("loop.cycle() needs items.")),
        "changed" => new FunctionValue(name, Changed),
        _ => null,
    };

    private BooleanValue Changed(CallArguments arguments, RenderContext context)
    {
        var seen = new ListValue(arguments.Positional, isTuple: true);
        var changed = _lastSeen is null || !Comparison.AreEqual(_lastSeen, seen, context);
        _lastSeen = seen;
        return BooleanValue.Of(changed);
    }
}
