using Microsoft.Extensions.AI;
using ZoPrune.AI;
using ZoPrune.AI.SemanticKernel.Vision;

namespace SemanticKernelPlugin;

/// <summary>
/// What to ask the bundled model: it knows a handful of questions and one picture at a time. Larger models need none of this.
/// </summary>
internal static class Prompts
{
    public static VisionPluginOptions OfPocketVlm() => new()
    {
        DescribePrompt = "Describe the image.",
        DescribeFullyPrompt = "Describe the image.",
        ReadTextPrompt = "What does the tag say?",
        ComparesTogether = false,
        ChatOptions = new ChatOptions { MaxOutputTokens = 64 }.WithPruning(p => p.KeepRatio = 0.5),
    };
}
