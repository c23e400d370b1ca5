namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>callee(arguments)</c>.</summary>
internal sealed class CallExpression(int line, Expression callee, string name, ArgumentList arguments) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context) => Call(arguments.Evaluate(name, context), context);

    /// <summary>Calls with a <c>caller</c>, as a call block does.</summary>
    public TemplateValue CallWith(FunctionValue caller, RenderContext context)
    {
        var given = arguments.Evaluate(name, context);
        return Call(new CallArguments(name, given.Positional, [.. given.Named, new("caller", caller)], context), context);
    }

    private TemplateValue Call(CallArguments given, RenderContext context) => callee.Evaluate(context) switch
    {
        FunctionValue function => function.Call(given, context),
        UndefinedValue undefined => throw context.Error(undefined.Description + "."),
        var value => throw context.Error($"'{value.TypeName}' is not callable."),
    };
}
