using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using ZoPrune.AI.SemanticKernel.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedKernel))]

namespace ZoPrune.AI.SemanticKernel.Tests.Support;

/// <summary>One kernel with PocketVLM and the default options, for all tests that change nothing about it.</summary>
public sealed class SharedKernel : IDisposable
{
    public Kernel Kernel { get; } = Kernels.WithPocketVlm();

    public IChatCompletionService Service => Kernel.GetRequiredService<IChatCompletionService>();

    public void Dispose() => (Kernel.Services as IDisposable)?.Dispose();
}
