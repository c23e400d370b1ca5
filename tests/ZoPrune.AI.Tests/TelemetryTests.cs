using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class TelemetryTests(SharedClient shared)
{
    private static readonly ChatOptions Quarter = new ChatOptions().WithPruning(p => p.KeepRatio = 0.25);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stages_are_spans_below_the_span_of_the_call()
    {
        using var client = Clients.Create(Clients.WithFreshCaches);
        using var spans = new Spans();
        var response = await client.GetResponseAsync([Golden.First.ToMessage()], Quarter, Token);

        Assert.Equal(
            [
                ZoPruneTelemetry.ReadStage,
                ZoPruneTelemetry.DecodeImageStage,
                ZoPruneTelemetry.PreprocessStage,
                ZoPruneTelemetry.VisionStage,
                ZoPruneTelemetry.PruneStage,
                ZoPruneTelemetry.PrefillStage,
                ZoPruneTelemetry.DecodeStage,
                ZoPruneTelemetry.CallActivity,
            ],
            spans.Stopped.Select(a => a.OperationName));
        var call = spans.Single(ZoPruneTelemetry.CallActivity);
        Assert.Equal(spans.RootId, call.ParentSpanId);
        Assert.All(spans.Stopped.Where(a => a != call), a => Assert.Equal(call.SpanId, a.ParentSpanId));
        Assert.All(spans.Stopped, a => Assert.Equal("pocket-vlm", a.GetTagItem(ZoPruneTelemetry.ModelTag)));
        Assert.Equal(256, spans.Single(ZoPruneTelemetry.VisionStage).GetTagItem(ZoPruneTelemetry.VisualTokens));
        Assert.Equal(64, spans.Single(ZoPruneTelemetry.PruneStage).GetTagItem(ZoPruneTelemetry.VisualTokensKept));
        Assert.Equal(
            (int)response.Usage!.InputTokenCount!,
            spans.Single(ZoPruneTelemetry.PrefillStage).GetTagItem(ZoPruneTelemetry.PromptTokensTag));
        Assert.Equal(
            (int)response.Usage.OutputTokenCount!,
            spans.Single(ZoPruneTelemetry.DecodeStage).GetTagItem(ZoPruneTelemetry.OutputTokensTag));
    }

    [Fact]
    public async Task A_stage_that_fails_is_marked_with_the_type_of_the_error_alone()
    {
        using var spans = new Spans();
        var message = new ChatMessage(ChatRole.User, [new DataContent("secret"u8.ToArray(), "image/png") { Name = "secret.png" }]);
        await Assert.ThrowsAsync<Onnx.Images.ImageDecodingException>(() => shared.Client.GetResponseAsync([message], null, Token));
        foreach (var name in new[] { ZoPruneTelemetry.DecodeImageStage, ZoPruneTelemetry.CallActivity })
        {
            var span = spans.Single(name);
            Assert.Equal(ActivityStatusCode.Error, span.Status);
            Assert.EndsWith("ImageDecodingException", (string)span.GetTagItem("error.type")!, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(
            spans.Stopped.SelectMany(a => a.TagObjects), t => t.Value?.ToString()?.Contains("secret", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Visual_tokens_and_stage_times_are_measured_with_the_meter_factory_of_the_provider()
    {
        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddZoPruneChatClient(Clients.WithFreshCaches);
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
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            Assert.Equal("pocket-vlm", TagOf(tags, ZoPruneTelemetry.ModelTag));
            counts.AddOrUpdate(instrument.Name, value, (_, old) => old + value);
        });
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            Assert.Equal(ZoPruneTelemetry.StageDuration, instrument.Name);
            Assert.Equal("s", instrument.Unit);
            stages[TagOf(tags, ZoPruneTelemetry.StageTag)!] = value;
        });
        listener.Start();

        var client = provider.GetRequiredService<IChatClient>();
        await client.GetResponseAsync([Golden.First.ToMessage()], Quarter, Token);
        await client.GetResponseAsync([Golden.First.ToMessage()], Quarter, Token);

        Assert.Equal(512, counts[ZoPruneTelemetry.VisualTokens]);
        Assert.Equal(128, counts[ZoPruneTelemetry.VisualTokensKept]);
        Assert.Equal(7, stages.Count);
        Assert.InRange(stages[ZoPruneTelemetry.VisionStage], 1e-6, 600);
    }

    [Fact]
    public async Task OpenTelemetry_collects_spans_by_the_name_of_the_source()
    {
        // Beside the standard middleware: its span is the parent of ours.
        var (spans, source) = (new ConcurrentBag<Activity>(), "test-" + Guid.NewGuid().ToString("N"));
        using var processor = new CollectingProcessor(spans);
        using var traces = Sdk.CreateTracerProviderBuilder().AddSource(ZoPruneTelemetry.SourceName, source).AddProcessor(processor).Build();
        var services = new ServiceCollection();
        services.AddZoPruneChatClient(Clients.WithFreshCaches).UseOpenTelemetry(sourceName: source);
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IChatClient>().GetResponseAsync([Golden.First.ToMessage()], Quarter, Token);

        var chat = Assert.Single(spans, a => a.Source.Name == source);
        Assert.Equal("chat pocket-vlm", chat.DisplayName);
        Assert.Equal("zoprune", chat.GetTagItem("gen_ai.provider.name"));
        var call = Assert.Single(spans, a => a.OperationName == ZoPruneTelemetry.CallActivity && a.ParentSpanId == chat.SpanId);
        Assert.Equal(7, spans.Count(a => a.ParentSpanId == call.SpanId));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_personal_is_logged_unless_asked(bool sensitive)
    {
        using var logs = new CollectingLoggerFactory();

        // Its own sessions, so that it logs how they are opened.
        using var client = Clients.Create(o => (o.LogSensitiveData, o.ConfigureSession) = (sensitive, _ => Assert.NotNull(logs)), logs);
        var message = new ChatMessage(
            ChatRole.User,
            [
                new DataContent(Golden.ReadImage(Golden.First.Image), "image/png") { Name = "private.png" },
                new TextContent(Golden.First.Question),
            ]);
        var response = await client.GetResponseAsync([message], Clients.Unpruned(), Token);
        await Assert.ThrowsAnyAsync<Exception>(() => client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new UriContent("https://private.example/private.png", "image/png")])], null, Token));

        var all = string.Join("\n", logs.Lines);
        Assert.Contains("pocket-vlm", all, StringComparison.Ordinal);
        Assert.Contains("256 of 256 visual tokens", all, StringComparison.Ordinal);
        Assert.Contains("A call failed: ZoPrune.AI.ContentAccessException", all, StringComparison.Ordinal);
        Assert.DoesNotContain("private", all, StringComparison.Ordinal);
        Assert.DoesNotContain(AppContext.BaseDirectory, all, StringComparison.Ordinal);
        Assert.Equal(sensitive, all.Contains(Golden.First.Question, StringComparison.Ordinal));
        Assert.Equal(sensitive, all.Contains("Answer: " + response.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Calls_without_images_ask_for_no_estimator()
    {
        // The folder has none to give: that is said once, and not before it matters.
        using var logs = new CollectingLoggerFactory();
        using var client = Clients.Create(o => o.ProjectorInput = Clients.BareAffineMap, logs);
        var options = new ChatOptions { MaxOutputTokens = 1 }.WithPruning(p => p.Estimator = SensitivityEstimation.ClosedForm);
        bool IsAsked() => logs.Lines.Any(l => l.Contains("gives no sensitivities", StringComparison.Ordinal));

        var response = await client.GetResponseAsync("hello", options, Token);
        Assert.Equal(1, response.Usage!.OutputTokenCount);
        Assert.False(IsAsked());
        await client.GetResponseAsync([Golden.First.ToMessage()], options, Token);
        Assert.True(IsAsked());
    }

    private static string? TagOf(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
            {
                return tag.Value?.ToString();
            }
        }

        return null;
    }

    private sealed class CollectingProcessor(ConcurrentBag<Activity> spans) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => spans.Add(data);
    }
}
