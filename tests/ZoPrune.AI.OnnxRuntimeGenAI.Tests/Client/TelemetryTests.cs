using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client;

/// <summary>A call with GenAI tells as much of itself as one with the own sessions.</summary>
public sealed class TelemetryTests
{
    private static readonly string[] Stages =
    [
        ZoPruneTelemetry.ReadStage, ZoPruneTelemetry.DecodeImageStage, ZoPruneTelemetry.PreprocessStage, ZoPruneTelemetry.VisionStage,
        ZoPruneTelemetry.PruneStage, ZoPruneTelemetry.PrefillStage, ZoPruneTelemetry.DecodeStage,
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ChatOptions Quarter => new ChatOptions().WithPruning(p => p.KeepRatio = 0.25);

    [Fact]
    public async Task Stages_are_spans_below_the_span_of_the_call_and_take_time()
    {
        GenAI.SkipIfAbsent();
        using var client = Clients.Create(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
        using var spans = new Spans();
        var response = await client.GetResponseAsync([Golden.First.ToMessage()], Quarter, Token);

        Assert.Equal([.. Stages, ZoPruneTelemetry.CallActivity], spans.Stopped.Select(a => a.OperationName));
        var call = spans.Single(ZoPruneTelemetry.CallActivity);
        Assert.All(spans.Stopped.Where(a => a != call), a => Assert.Equal(call.SpanId, a.ParentSpanId));
        var prefill = spans.Single(ZoPruneTelemetry.PrefillStage);
        Assert.Equal((int)response.Usage!.InputTokenCount!, prefill.GetTagItem(ZoPruneTelemetry.PromptTokensTag));
        Assert.Equal(64, prefill.GetTagItem(ZoPruneTelemetry.VisualTokensKept));
        Assert.Equal(0, prefill.GetTagItem(ZoPruneTelemetry.CachedPromptTokensTag));
        Assert.Equal((int)response.Usage.OutputTokenCount!, spans.Single(ZoPruneTelemetry.DecodeStage).GetTagItem(ZoPruneTelemetry.OutputTokensTag));
        var times = response.GetStageTimes()!;
        Assert.All(
            new[] { times.ImageRead, times.ImageDecode, times.ImagePreprocess, times.Vision, times.Sensitivity, times.Selection, times.Prefill, times.Decode },
            time => Assert.True(time > TimeSpan.Zero));
        Assert.True(times.FirstToken > times.Vision + times.Prefill);

        var again = await client.GetResponseAsync([Golden.First.ToMessage()], Quarter, Token);
        var cached = spans.Stopped.Last(a => a.OperationName == ZoPruneTelemetry.PrefillStage).GetTagItem(ZoPruneTelemetry.CachedPromptTokensTag);
        Assert.Equal((int)again.Usage!.InputTokenCount! - 1, cached);
    }

    [Fact]
    public async Task Tokens_and_stages_are_measured()
    {
        GenAI.SkipIfAbsent();
        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddZoPruneChatClient(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
        await using var provider = services.BuildServiceProvider();
        var factory = provider.GetRequiredService<IMeterFactory>();
        var (counts, stages) = (new ConcurrentDictionary<string, long>(), new ConcurrentDictionary<string, double>());
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ZoPruneTelemetry.SourceName && instrument.Meter.Scope == factory)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => counts.AddOrUpdate(instrument.Name, value, (_, old) => old + value));
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
            stages[(string)tags.ToArray().Single(t => t.Key == ZoPruneTelemetry.StageTag).Value!] = value);
        listener.Start();

        var client = provider.GetRequiredService<IChatClient>();
        await client.GetResponseAsync([Golden.First.ToMessage()], Quarter, Token);
        var again = await client.GetResponseAsync([Golden.First.ToMessage()], Quarter, Token);

        Assert.Equal(512, counts[ZoPruneTelemetry.VisualTokens]);
        Assert.Equal(128, counts[ZoPruneTelemetry.VisualTokensKept]);
        Assert.Equal(again.Usage!.CachedInputTokenCount, counts[ZoPruneTelemetry.CachedPromptTokens]);
        Assert.Equal(Stages.Length, stages.Count);
        Assert.All(stages.Values, s => Assert.InRange(s, 1e-9, 600));
    }

    [Fact]
    public async Task A_run_that_fails_is_marked_with_the_type_of_the_error_alone()
    {
        GenAI.SkipIfAbsent();
        using var client = Clients.Create(o => o.UseOnnxRuntimeGenAI(g => g.ExecutionProvider = "abacus"));
        using var spans = new Spans();
        await Assert.ThrowsAsync<Onnx.ModelFolderException>(() => client.GetResponseAsync("hello", null, Token));
        Assert.EndsWith("ModelFolderException", (string)spans.Single(ZoPruneTelemetry.CallActivity).GetTagItem("error.type")!, StringComparison.Ordinal);
    }
}
