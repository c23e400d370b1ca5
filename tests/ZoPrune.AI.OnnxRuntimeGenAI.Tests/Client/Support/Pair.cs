using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client.Support;

/// <summary>Two clients of one folder, which differ in the language model alone; what they answer has to be the same.</summary>
internal sealed class Pair : IDisposable
{
    private readonly ZoPruneChatClient _own;

    /// <param name="path">The folder.</param>
    /// <param name="hasGrid">Whether its pruned tokens keep their places; others are numbered, as GenAI numbers them.</param>
    /// <param name="configure">More options of both.</param>
    public Pair(string path, bool hasGrid, Action<ZoPruneOptions>? configure = null)
    {
        _own = Open(_ => { });
        GenAI = Open(o => o.UseOnnxRuntimeGenAI());

        ZoPruneChatClient Open(Action<ZoPruneOptions> choose) => Clients.Create(o =>
        {
            (o.ModelPath, o.PositionPolicy) = (path, hasGrid ? PositionPolicy.Auto : PositionPolicy.Compact);
            configure?.Invoke(o);
            choose(o);
        });
    }

    /// <param name="folder">A name of <see cref="GenAIFolders.All"/>.</param>
    /// <param name="configure">More options of both.</param>
    public Pair(string folder, Action<ZoPruneOptions>? configure = null)
        : this(ModelFolders.PathOf(folder), GenAIFolders.HasGrid(folder), configure)
    {
    }

    /// <summary>The client that generates with GenAI.</summary>
    public ZoPruneChatClient GenAI { get; }

    /// <summary>Asks both and compares.</summary>
    /// <returns>The answer by GenAI.</returns>
    public async Task<ChatResponse> AskAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, string name = "")
    {
        var expected = await _own.GetResponseAsync(messages, options, TestContext.Current.CancellationToken);
        var actual = await GenAI.GetResponseAsync(messages, options, TestContext.Current.CancellationToken);
        Assert.Equal("OnnxRuntime", LanguageModelOf(expected));
        AssertSame(expected, actual, name);
        return actual;
    }

    /// <summary>Compares two answers in everything but time and what was known before.</summary>
    public static void AssertSame(ChatResponse expected, ChatResponse actual, string name = "")
    {
        Assert.Equal((name, expected.Text), (name, actual.Text));
        Assert.Equal((name, expected.FinishReason), (name, actual.FinishReason));
        Assert.Equal(CallsOf(expected), CallsOf(actual));
        Assert.Equal(expected.Usage!.InputTokenCount, actual.Usage!.InputTokenCount);
        Assert.Equal(expected.Usage.OutputTokenCount, actual.Usage.OutputTokenCount);
        Assert.Equal(expected.Usage.AdditionalCounts, actual.Usage.AdditionalCounts);
        Assert.Equal(KeptOf(expected), KeptOf(actual));
        Assert.Equal(
            expected.AdditionalProperties![ZoPruneUsage.UsedPositionPolicy], actual.AdditionalProperties![ZoPruneUsage.UsedPositionPolicy]);
    }

    public static object? LanguageModelOf(ChatResponse response) => response.AdditionalProperties![ZoPruneUsage.UsedLanguageModel];

    public void Dispose()
    {
        _own.Dispose();
        GenAI.Dispose();
    }

    private static IEnumerable<string> KeptOf(ChatResponse response) => response.GetPruningReport()!.Images.Select(i => string.Join(",", i.Kept));

    private static IEnumerable<string> CallsOf(ChatResponse response) => response.Messages.SelectMany(m => m.Contents)
        .OfType<FunctionCallContent>()
        .Select(c => c.Name + JsonSerializer.Serialize(c.Arguments));
}
