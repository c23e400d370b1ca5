using Microsoft.Extensions.AI;
using ZoPrune.AI.Benchmarks.EndToEnd.Clients;
using ZoPrune.AI.Benchmarks.EndToEnd.Sessions;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Models;

/// <summary>The chat client at every budget, and the bare sessions at the same lengths.</summary>
internal sealed class BareComparison : IDisposable
{
    private const int CountedTokens = 32;

    private readonly ModelCase _model;
    private readonly byte[] _picture;
    private readonly ZoPruneChatClient _client;
    private readonly List<IDisposable> _opened = [];
    private readonly BareSessions? _sessions;

    /// <param name="model">The model.</param>
    /// <param name="picture">The encoded picture.</param>
    /// <param name="options">Threads.</param>
    public BareComparison(ModelCase model, byte[] picture, EndToEndOptions options)
    {
        _model = model;
        _picture = picture;
        _opened.Add(_client = ChatCalls.Create(model.Folder, options.Threads));
        if (!model.IsCutShort)
        {
            _opened.Add(_sessions = new BareSessions(model.Folder, options.Threads));
        }
    }

    /// <summary>What takes turns, warm.</summary>
    /// <param name="lengths">Gets the length of the prompt for each budget.</param>
    /// <param name="cancellation">Stops before the next call.</param>
    public async Task<IReadOnlyList<Alternative>> PrepareAsync(Dictionary<int, int> lengths, CancellationToken cancellation)
    {
        await FirstCalls.RunAsync(_client, RequestFor(_model.Budgets[0]), cancellation);
        var alternatives = new List<Alternative>();
        var pixels = ProcessPicture();
        foreach (var kept in _model.MeasuredBudgets)
        {
            var request = RequestFor(kept);
            lengths[kept] = (await ChatCalls.AskAsync(_client, request, cancellation)).PromptTokens;
            alternatives.Add(new Alternative(
                $"client {kept}", async stop => OfClient(kept, await ChatCalls.AskAsync(_client, request, stop))));
            if (_sessions is not null)
            {
                var bare = _sessions.Prepare(pixels, lengths[kept]);
                _opened.Add(bare);
                alternatives.Add(new Alternative($"bare {kept}", _ => Task.FromResult(OfBare(kept, bare.Run()))));
            }
        }

        return alternatives;
    }

    /// <summary>What is allocated from the second token of an answer to the last, for each token.</summary>
    public async Task<double> BytesPerTokenAsync(CancellationToken cancellation)
    {
        var request = new ChatRequest([_picture], ModelBenchmark.Question, _model.Budgets[0], CountedTokens + 2);
        await ChatCalls.AskAsync(_client, request, cancellation);
        return await ChatCalls.CountBytesAsync(_client, request, cancellation) / (double)CountedTokens;
    }

    public void Dispose()
    {
        foreach (var opened in Enumerable.Reverse(_opened))
        {
            opened.Dispose();
        }
    }

    private ChatRequest RequestFor(int kept) =>
        new([_picture], ModelBenchmark.Question, kept == _model.AllTokens ? null : kept);

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
}
