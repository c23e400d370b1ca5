using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel.ChatCompletion;

namespace ZoPrune.AI.SemanticKernel.Pipeline;

/// <summary>
/// One client with what a kernel wants around it, and the same client as a chat completion service. Not found through
/// <see cref="IChatClient"/>, so that a client that is registered later does not become the service's.
/// </summary>
internal sealed class KernelPipeline(IChatClient client, IServiceProvider provider) : IDisposable
{
    public IChatClient Client => client;

    public IChatCompletionService Service { get; } =
        new ZoPruneChatCompletionService(new ResponseMetadataChatClient(client).AsChatCompletionService(provider));

    public void Dispose() => client.Dispose();
}
