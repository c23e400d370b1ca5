using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.SemanticKernel.Tests.Support;

/// <summary>Kernels with the bundled model, and histories about its pictures.</summary>
internal static class Kernels
{
    public static Kernel WithPocketVlm(Action<ZoPruneOptions>? configure = null)
    {
        var builder = Kernel.CreateBuilder();
        builder.AddZoPruneChatCompletion(PocketVlm.ModelPath, configure);
        return builder.Build();
    }

    public static ChatHistory About(Golden golden) => About(new ImageContent(Golden.ReadImage(golden.Image), "image/png"), golden.Question);

    public static ChatHistory About(KernelContent image, string question)
    {
        var history = new ChatHistory();
        history.AddUserMessage([image, new TextContent(question)]);
        return history;
    }

    public static PromptExecutionSettings Settings(params (string Name, object Value)[] settings) =>
        new() { ExtensionData = settings.ToDictionary(s => s.Name, s => s.Value) };
}
