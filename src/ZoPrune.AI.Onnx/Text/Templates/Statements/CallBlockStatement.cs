namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>call macro()</c> … <c>endcall</c>: the block is the macro's <c>caller()</c>.</summary>
internal sealed class CallBlockStatement(int line, CallExpression call, MacroStatement caller) : Statement(line)
{
    protected override Completion Run(RenderContext context)
    {
        call.CallWith(caller.ToFunction(context), context).Write(context.Output, context);
        return Completion.Normal;
    }
}
