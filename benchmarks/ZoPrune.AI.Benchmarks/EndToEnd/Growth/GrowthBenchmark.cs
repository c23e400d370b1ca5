using Microsoft.Extensions.AI;
using ZoPrune.AI.Benchmarks.EndToEnd.Clients;
using ZoPrune.AI.Benchmarks.EndToEnd.Models;
using ZoPrune.AI.Benchmarks.Reporting;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Growth;

/// <summary>
/// How the cost of calls grows with the tokens kept, the images, the turns and the callers; on a model of the kind llava-like.
/// </summary>
internal sealed class GrowthBenchmark : IDisposable
{
    private const string FirstToken = "time to first token, ms";
    private const string Unpruned = "all 576 tokens";
    private const string Pruned = "64 of 576 tokens";
    private const int Kept = 64;
    private const int TurnTokens = 8;

    private readonly ModelCase _model;
    private readonly EndToEndOptions _options;
    private readonly int _rounds;
    private readonly ZoPruneChatClient _client;
    private readonly byte[][] _pictures =
        [.. Enumerable.Range(0, 4).Select(number => BenchmarkPicture.Create(ModelCase.PictureSide, number))];

    public GrowthBenchmark(ModelCase model, EndToEndOptions options)
    {
        _model = model;
        _options = options;
        _rounds = EndToEndOptions.Half(options.Rounds);
        _client = ChatCalls.Create(model.Folder, options.Threads);
    }

    /// <summary>Measures all four.</summary>
    public async Task<IReadOnlyList<GrowthResult>> RunAsync(Action<string> progress, CancellationToken cancellation)
    {
        progress("growth: tokens kept");
        var tokens = await WithTokensAsync(cancellation);
        progress("growth: images");
        var images = await WithImagesAsync(cancellation);
        progress("growth: turns");
        var turns = await WithTurnsAsync(cancellation);
        progress("growth: callers");
        return [tokens, images, turns, await WithCallersAsync(cancellation)];
    }

    public void Dispose() => _client.Dispose();

    private async Task<GrowthResult> WithTokensAsync(CancellationToken cancellation)
    {
        int[] places = [32, 64, 128, 192, 288, 384, 480, 576];
        var samples = await Rounds.RunAsync(
            [.. places.Select(kept => FirstTokenOf(Name(kept), new ChatRequest([_pictures[0]], ModelBenchmark.Question, kept)))],
            warmUps: 1,
            _rounds,
            _ => { },
            cancellation);
        var line = new PlotLine("chat client", Values(samples, places, Name));
        return Result("growth-tokens.png", "visual tokens kept, of 576", FirstToken, places, line);

        static string Name(int kept) => $"{kept}";
    }

    private async Task<GrowthResult> WithImagesAsync(CancellationToken cancellation)
    {
        int[] places = [1, 2, 3, 4];
        var samples = await Rounds.RunAsync(
            [
                .. places.SelectMany(count => new[]
                {
                    FirstTokenOf(PrunedName(count), new ChatRequest(_pictures[..count], ModelBenchmark.Question, Kept)),
                    FirstTokenOf(UnprunedName(count), new ChatRequest(_pictures[..count], ModelBenchmark.Question, null)),
                }),
            ],
            warmUps: 1,
            _rounds,
            _ => { },
            cancellation);
        return Result(
            "growth-images.png",
            "images in the request",
            FirstToken,
            places,
            new PlotLine(Unpruned, Values(samples, places, UnprunedName)),
            new PlotLine(Pruned, Values(samples, places, PrunedName)));
    }

    /// <summary>Each round has clients of its own: nothing of the round before may be reused.</summary>
    private async Task<GrowthResult> WithTurnsAsync(CancellationToken cancellation)
    {
        int[] places = [1, 2, 3, 4, 5, 6];
        var samples = new RoundSamples();
        for (var round = 0; round < _rounds; round++)
        {
            using var reusing = ChatCalls.Create(_model.Folder, _options.Threads, reuses: true);

            // Loads the model and tries out what it can reuse.
            await ChatCalls.AskAsync(reusing, new ChatRequest([_pictures[1]], ModelBenchmark.Question, Kept), cancellation);
            await ConverseAsync(_client, null, UnprunedName);
            await ConverseAsync(_client, Kept, PrunedName);
            await ConverseAsync(reusing, Kept, ReusedName);
        }

        return Result(
            "growth-turns.png",
            "turn of a conversation about one picture",
            FirstToken,
            places,
            new PlotLine($"{Unpruned}, nothing reused", Values(samples, places, UnprunedName)),
            new PlotLine($"{Pruned}, nothing reused", Values(samples, places, PrunedName)),
            new PlotLine($"{Pruned}, reuse (default)", Values(samples, places, ReusedName)));

        async Task ConverseAsync(IChatClient client, int? kept, Func<int, string> name)
        {
            var request = new ChatRequest([_pictures[0]], ModelBenchmark.Question, kept, TurnTokens);
            var messages = new List<ChatMessage>();
            foreach (var turn in places)
            {
                messages.Add(turn == 1 ? request.Message() : new ChatMessage(ChatRole.User, ModelBenchmark.Question));
                var times = await ChatCalls.AskAsync(client, messages, request.Options(), cancellation);
                messages.AddRange(times.Messages);
                samples.Add(name(turn), times.FirstToken);
            }
        }

        static string ReusedName(int count) => $"reused {count}";
    }

    private async Task<GrowthResult> WithCallersAsync(CancellationToken cancellation)
    {
        int[] places = [1, 2, 4, 8];
        var samples = await Rounds.RunAsync(
            [
                .. places.SelectMany(callers => new[]
                {
                    Together(PrunedName(callers), callers, Kept), Together(UnprunedName(callers), callers, null),
                }),
            ],
            warmUps: 1,
            _rounds,
            _ => { },
            cancellation);
        return Result(
            "growth-callers.png",
            "callers at once",
            "time until all have their first token, ms",
            places,
            new PlotLine(Unpruned, Values(samples, places, UnprunedName)),
            new PlotLine(Pruned, Values(samples, places, PrunedName)));

        Alternative Together(string name, int callers, int? kept) => new(name, async stop =>
        {
            var request = new ChatRequest([_pictures[0]], ModelBenchmark.Question, kept);
            var calls = Enumerable.Range(0, callers).Select(_ => Task.Run(() => ChatCalls.AskAsync(_client, request, stop), stop));
            return [(name, (await Task.WhenAll(calls)).Max(times => times.FirstToken))];
        });
    }

    private Alternative FirstTokenOf(string name, ChatRequest request) =>
        new(name, async stop => [(name, (await ChatCalls.AskAsync(_client, request, stop)).FirstToken)]);

    private GrowthResult Result(string file, string across, string up, int[] places, params PlotLine[] lines) =>
        new(file, new GrowthPlot($"{_model.Name}, {_options.Threads} threads", across, up, places, lines));

    private static double[] Values(RoundSamples samples, int[] places, Func<int, string> name) =>
        [.. places.Select(place => samples.Median(name(place)))];

    private static string UnprunedName(int count) => $"unpruned {count}";

    private static string PrunedName(int count) => $"pruned {count}";
}
