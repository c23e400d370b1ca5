using ZoPrune.AI.Benchmarks.EndToEnd.Clients;
using ZoPrune.AI.Benchmarks.Native;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Models;

/// <summary>
/// A chat client and ONNX Runtime GenAI, everything kept: these two alone are in memory, as an application would have one of them.
/// </summary>
internal sealed class GenAIComparison : IDisposable
{
    private readonly ModelCase _model;
    private readonly byte[] _picture;
    private readonly int _outputTokens;
    private readonly bool _usesGenAI;
    private readonly ZoPruneChatClient _client;
    private readonly GenAIPipeline _pipeline;

    /// <param name="model">The model.</param>
    /// <param name="picture">The encoded picture.</param>
    /// <param name="usesGenAI">Whether GenAI is the client's language model, too.</param>
    /// <param name="options">Threads, and tokens of an answer.</param>
    public GenAIComparison(ModelCase model, byte[] picture, bool usesGenAI, EndToEndOptions options)
    {
        _model = model;
        _picture = picture;
        _outputTokens = options.OutputTokens;
        _usesGenAI = usesGenAI;
        _client = ChatCalls.Create(model.Folder, options.Threads, usesGenAI: usesGenAI);
        _pipeline = new GenAIPipeline(model.Folder, options.Threads);
    }

    /// <summary>What takes turns, warm.</summary>
    /// <param name="promptTokens">The length of the prompt.</param>
    /// <param name="cancellation">Stops before the next call.</param>
    public async Task<IReadOnlyList<Alternative>> PrepareAsync(int promptTokens, CancellationToken cancellation)
    {
        var request = new ChatRequest([_picture], ModelBenchmark.Question, null, _outputTokens);
        await FirstCalls.RunAsync(_client, request, cancellation);
        var prompt = _model.GenAIPrompt(ModelBenchmark.Question);
        return
        [
            new Alternative(_usesGenAI ? "client on genai" : "client", async stop =>
            {
                var times = await ChatCalls.AskAsync(_client, request, stop);
                return
                [
                    (Measures.PairedFirstToken(_usesGenAI), times.FirstToken), (Measures.PairedRate(_usesGenAI), times.TokensPerSecond),
                ];
            }),
            new Alternative("genai", _ =>
            {
                var (first, rate) = _pipeline.Answer(_picture, prompt, promptTokens, _outputTokens);
                return Task.FromResult<IReadOnlyList<(string, double)>>(
                    [(Measures.GenAIFirstToken(_usesGenAI), first), (Measures.GenAIRate(_usesGenAI), rate)]);
            }),
        ];
    }

    public void Dispose()
    {
        _pipeline.Dispose();
        _client.Dispose();
    }
}
