namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>macro name(parameters)</c> … <c>endmacro</c>.</summary>
internal sealed class MacroStatement(int line, string name, IReadOnlyList<MacroParameter> parameters, Statement body) : Statement(line)
{
    public FunctionValue ToFunction(RenderContext context)
    {
        var definition = context.Scope;
        return new FunctionValue(name, (arguments, caller) => Call(arguments, definition, caller));
    }

    protected override Completion Run(RenderContext context)
    {
        context.Scope.Set(name, ToFunction(context));
        return Completion.Normal;
    }

    private TextValue Call(CallArguments arguments, Scope definition, RenderContext context)
    {
        var outer = context.Scope;
        var scope = new Scope(definition);
        context.Scope = scope;
        Bind(arguments, scope, context);
        var text = context.Capture(body);
        context.Scope = outer;
        return new TextValue(text);
    }

    private void Bind(CallArguments arguments, Scope scope, RenderContext context)
    {
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            scope.Set(parameter.Name, arguments.Find(i, parameter.Name)
                ?? parameter.Default?.Evaluate(context)
                ?? new UndefinedValue($"parameter '{parameter.Name}' was not provided"));
        }

        scope.Set("varargs", new ListValue([.. arguments.Positional.Skip(parameters.Count)], isTuple: true));
        var rest = new DictionaryValue(context);
        foreach (var (key, value) in arguments.Named.Where(argument => parameters.All(parameter => parameter.Name != argument.Key)))
        {
            if (key == "caller")
            {
                scope.Set(key, value);
            }
            else
            {
                rest.Entries[TextValue.Template(key)] = value;
            }
        }

        scope.Set("kwargs", rest);
    }
}
