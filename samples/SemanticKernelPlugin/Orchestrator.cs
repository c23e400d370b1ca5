using System.ClientModel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.SemanticKernel;
using OpenAI;

namespace SemanticKernelPlugin;

/// <summary>The model that decides what to look at: one behind an OpenAI-compatible endpoint if it is configured, else a script.</summary>
internal static class Orchestrator
{
    public static IChatClient Create(IConfiguration section, out bool isScripted)
    {
        isScripted = string.IsNullOrEmpty(section["Endpoint"]);
        var model = isScripted ? new ScriptedOrchestrator() : Connect(section);
        return model.AsBuilder().UseKernelFunctionInvocation().Build();
    }

    private static IChatClient Connect(IConfiguration section)
    {
        var name = section["Model"] ?? throw new InvalidOperationException("Set ZOPRUNE_ORCHESTRATOR__MODEL to the name of the model.");
        var options = new OpenAIClientOptions { Endpoint = new Uri(section["Endpoint"]!) };

        // Local servers want no key, the client wants some text.
        return new OpenAIClient(new ApiKeyCredential(section["Key"] ?? "none"), options).GetChatClient(name).AsIChatClient();
    }
}
