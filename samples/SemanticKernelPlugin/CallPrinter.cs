using Microsoft.SemanticKernel;

namespace SemanticKernelPlugin;

/// <summary>Shows what the orchestrating model calls and what it gets back.</summary>
internal sealed class CallPrinter : IAutoFunctionInvocationFilter
{
    public async Task OnAutoFunctionInvocationAsync(AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
    {
        var arguments = context.Arguments?.Select(a => $"{a.Key}: {a.Value}") ?? [];
        Console.WriteLine($"  -> {context.Function.Name}({string.Join(", ", arguments)})");
        await next(context);
        Console.WriteLine("     " + context.Result.ToString().ReplaceLineEndings(Environment.NewLine + "     "));
    }
}
