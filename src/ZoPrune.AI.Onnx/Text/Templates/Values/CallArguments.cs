namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>The arguments of a call, filter or test.</summary>
internal sealed class CallArguments(
    string callee, IReadOnlyList<TemplateValue> positional, IReadOnlyList<KeyValuePair<string, TemplateValue>> named, RenderContext context)
{
    public IReadOnlyList<TemplateValue> Positional { get; } = positional;

    public IReadOnlyList<KeyValuePair<string, TemplateValue>> Named { get; } = named;

    /// <summary>Throws unless there are at least <paramref name="positional"/> arguments and all fit the parameters.</summary>
    public void Require(int positional, params ReadOnlySpan<string> parameters)
    {
        if (Positional.Count > parameters.Length)
        {
            throw context.Error($"'{callee}' takes at most {parameters.Length} arguments, not {Positional.Count}.");
        }

        foreach (var (name, _) in Named)
        {
            var index = parameters.IndexOf(name);
            if (index < 0)
            {
                throw context.Error($"'{callee}' has no argument '{name}'.");
            }

            if (index < Positional.Count)
            {
                throw context.Error($"'{callee}' got the argument '{name}' twice.");
            }
        }

        if (Positional.Count < positional)
        {
            throw context.Error($"'{callee}' needs the argument '{parameters[Positional.Count]}'.");
        }
    }

    /// <summary>An argument by position or name, or null if it was not given.</summary>
    public TemplateValue? Find(int index, string name)
    {
        if (index >= 0 && index < Positional.Count)
        {
            return Positional[index];
        }

        foreach (var (key, value) in Named)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }

    public bool Flag(int index, string name, bool otherwise = false) => Find(index, name)?.IsTrue ?? otherwise;

    public long Integer(int index, string name, long otherwise) => Find(index, name) switch
    {
        null => otherwise,
        var value when Numbers.TryInteger(value, out var integer) => integer,
        var value => throw context.Error($"'{callee}' takes a number for '{name}', not {value.TypeName}."),
    };

    public TracedText? Text(int index, string name) => Find(index, name) switch
    {
        null or NoneValue => null,
        TextValue text => text.Text,
        var value => throw context.Error($"'{callee}' takes a string for '{name}', not {value.TypeName}."),
    };

    /// <summary>The arguments behind the first <paramref name="count"/> positional ones.</summary>
    public CallArguments Skip(int count, string newCallee) => new(newCallee, [.. Positional.Skip(count)], Named, context);
}
