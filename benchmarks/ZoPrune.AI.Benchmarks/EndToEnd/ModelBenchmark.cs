using Microsoft.Extensions.AI;
using ZoPrune.AI.Benchmarks.EndToEnd.Clients;
using ZoPrune.AI.Benchmarks.EndToEnd.Sessions;
using ZoPrune.AI.Benchmarks.Native;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Benchmarks.EndToEnd;

/// <summary>
/// One model: the chat client at every budget, the bare sessions at the same lengths, and GenAI, all in turn within each round.
/// </summary>
internal sealed class ModelBenchmark : IDisposable
{
    /// <summary>What is asked. Fixed: times depend on the length of the prompt.</summary>
    public const string Question = "What is in the picture, and where is it?";

    private const int ManyTokens = 1000;
    private const int CountedTokens = 32;

    private readonly ModelCase _model;
    private readonly EndToEndOptions _options;
    private readonly byte[] _picture = BenchmarkPicture.Create(ModelCase.PictureSide);
    private readonly ZoPruneChatClient _client;
    private readonly BareSessions _sessions;
    private readonly List<IDisposable> _opened = [];

    public ModelBenchmark(ModelCase model, EndToEndOptions options)
    {
        _model = model;
        _options = options;
        _opened.Add(_client = ChatCalls.Create(model.Folder, options.Threads));
        _opened.Add(_sessions = new BareSessions(model.Folder, options.Threads));
    }

    /// <summary>Measures.</summary>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Stops before the next measurement.</param>
    public async Task<ModelResult> RunAsync(Action<string> progress, CancellationToken cancellation)
    {
        var lengths = new Dictionary<int, int>();
        var alternatives = new List<Alternative>();
        var pixels = ProcessPicture();
        foreach (var kept in _model.Budgets)
        {
            var request = RequestFor(kept);
            lengths[kept] = (await ChatCalls.AskAsync(_client, request with { OutputTokens = 1 }, cancellation)).PromptTokens;
            var bare = _sessions.Prepare(pixels, lengths[kept]);
            _opened.Add(bare);
            alternatives.Add(new Alternative(
                $"client {kept}", async stop => OfClient(kept, await ChatCalls.AskAsync(_client, request, stop))));
            alternatives.Add(new Alternative($"bare {kept}", _ => Task.FromResult(OfBare(kept, bare.Run()))));
        }

        if (_model.OpensInGenAI && GenAILibrary.IsPresent)
        {
            AddGenAI(alternatives, lengths[_model.AllTokens]);
        }

        var isLarge = _model.AllTokens > ManyTokens || _model.Size == EndToEndOptions.Largest;
        var rounds = isLarge ? EndToEndOptions.Half(_options.Rounds) : _options.Rounds;
        var samples = await Rounds.RunAsync(alternatives, isLarge ? 1 : 2, rounds, progress, cancellation);
        return new ModelResult(_model, rounds, samples, lengths, await BytesPerTokenAsync(cancellation));
    }

    public void Dispose()
    {
        foreach (var opened in Enumerable.Reverse(_opened))
        {
            opened.Dispose();
        }
    }

    private void AddGenAI(List<Alternative> alternatives, int promptTokens)
    {
        var pipeline = new GenAIPipeline(_model.Folder, _options.Threads);
        _opened.Add(pipeline);
        var client = ChatCalls.Create(_model.Folder, _options.Threads, usesGenAI: true);
        _opened.Add(client);
        var prompt = _model.GenAIPrompt(Question);
        alternatives.Add(new Alternative("genai pipeline", _ =>
        {
            var (first, rate) = pipeline.Answer(_picture, prompt, promptTokens, _options.OutputTokens);
            return Task.FromResult<IReadOnlyList<(string, double)>>([(Measures.GenAIFirstToken, first), (Measures.GenAIRate, rate)]);
        }));
        alternatives.Add(new Alternative("client on genai", async stop =>
        {
            var times = await ChatCalls.AskAsync(client, RequestFor(_model.AllTokens), stop);
            return [(Measures.GenAIClientFirstToken, times.FirstToken), (Measures.GenAIClientRate, times.TokensPerSecond)];
        }));
    }

    /// <summary>Unpruned, the answer is long enough to measure tokens a second; elsewhere it is the first token.</summary>
    private ChatRequest RequestFor(int kept) => kept == _model.AllTokens
        ? new ChatRequest([_picture], Question, null, _options.OutputTokens)
        : new ChatRequest([_picture], Question, kept);

    private IReadOnlyDictionary<string, ImageTensor> ProcessPicture()
    {
        var model = _client.GetRequiredService<VisionLanguageModel>();
        return model.ProcessImage(ImageDecoder.Decode(_picture, new ImageLimits(), "picture", model.ImageDecoding)).Inputs;
    }

    private static IReadOnlyList<(string Name, double Value)> OfClient(int kept, ChatTimes times)
    {
        var stages = times.Stages;
        return
        [
            (Measures.FirstToken(kept), times.FirstToken),
            (Measures.Rate(kept), times.TokensPerSecond),
            (Measures.Image(kept), (stages.ImageRead + stages.ImageDecode + stages.ImagePreprocess).TotalMilliseconds),
            (Measures.Vision(kept), stages.Vision.TotalMilliseconds),
            (Measures.Sensitivity(kept), stages.Sensitivity.TotalMilliseconds),
            (Measures.Selection(kept), stages.Selection.TotalMilliseconds),
            (Measures.Pruning(kept), (stages.Sensitivity + stages.Selection).TotalMilliseconds),
            (Measures.Prefill(kept), stages.Prefill.TotalMilliseconds),
        ];
    }

    private static IReadOnlyList<(string Name, double Value)> OfBare(int kept, (double Vision, double Decoder) times) =>
    [
        (Measures.Bare(kept), times.Vision + times.Decoder),
        (Measures.BareVision(kept), times.Vision),
        (Measures.BareDecoder(kept), times.Decoder),
    ];

    /// <summary>What is allocated from the second token of an answer to the last, for each token.</summary>
    private async Task<double> BytesPerTokenAsync(CancellationToken cancellation)
    {
        var request = new ChatRequest([_picture], Question, _model.Budgets[0], CountedTokens + 2);
        await ChatCalls.AskAsync(_client, request, cancellation);
        return await ChatCalls.CountBytesAsync(_client, request, cancellation) / (double)CountedTokens;
    }
}
