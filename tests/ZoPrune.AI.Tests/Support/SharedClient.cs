using ZoPrune.AI.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedClient))]

namespace ZoPrune.AI.Tests.Support;

/// <summary>One client of PocketVLM with the default options, for all tests that change nothing about it.</summary>
public sealed class SharedClient : IDisposable
{
    public ZoPruneChatClient Client { get; } = ZoPruneChatClient.Create(new ZoPruneOptions { ModelPath = PocketVlm.ModelPath });

    public void Dispose() => Client.Dispose();
}
