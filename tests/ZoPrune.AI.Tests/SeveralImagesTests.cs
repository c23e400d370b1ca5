using System.Net;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Content;
using ZoPrune.AI.Diagnostics;
using ZoPrune.AI.Generation;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

/// <summary>Several images of one call are in work at once, and nothing but time tells.</summary>
public sealed class SeveralImagesTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(1);

    private static readonly Golden[] Pictures = [.. Enumerable.Range(0, 6).Select(i => Golden.All[i * 97])];

    private static readonly string[] ZooPictures = ["photo160x120.jpg", "square56.png", "wide120x60.png", "tall50x110.png"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. ModelFolders.All];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Visual_tokens_and_selections_are_those_of_one_after_another(string folder)
    {
        ImageSource[] sources = [.. ZooPictures.Select((p, i) => new ImageSource($"{i}", ConversationScript.Picture(p)))];
        var expected = await ReadAsync(folder, 1, sources);
        var actual = await ReadAsync(folder, 3, sources);

        Assert.Equal(sources.Length, actual.Selections.Length);
        Assert.Equal(expected.Reports, actual.Reports);
        foreach (var (one, other) in expected.Selections.Zip(actual.Selections))
        {
            var (rows, others) = (one.Image.Tokens.Embeddings, other.Image.Tokens.Embeddings);
            Assert.Equal((rows.Rows, rows.Width), (others.Rows, others.Width));
            Assert.True(rows.Values.Span.SequenceEqual(others.Values.Span));
            Assert.Equal(one.Kept, other.Kept);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answers_and_reports_are_those_of_one_after_another(bool isCached)
    {
        ChatMessage[] messages = [Question(Pictures[..4].Select(AIContent (p) => p.ToImage()))];
        var options = ConversationScript.Greedy(p => p.IncludeSensitivities = true);
        using var plain = Open(1, isCached);
        var expected = await plain.GetResponseAsync(messages, options, Token);
        foreach (var width in new[] { 2, 3, 8 })
        {
            using var client = Open(width, isCached);
            var actual = await client.GetResponseAsync(messages, options, Token);

            Assert.Equal(expected.Text, actual.Text);
            Assert.Equal(expected.Usage!.InputTokenCount, actual.Usage!.InputTokenCount);
            Assert.Equal(expected.GetPruningReport()!.Images.Select(Describe), actual.GetPruningReport()!.Images.Select(Describe));
            var times = actual.GetStageTimes()!;
            Assert.All(
                [times.ImageRead, times.ImageDecode, times.ImagePreprocess, times.Vision, times.Sensitivity, times.Selection],
                t => Assert.True(t > TimeSpan.Zero));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_the_vision_graph_runs_the_next_image_is_prepared_and_no_other(bool isCached)
    {
        using var isNextPrepared = new ManualResetEventSlim();
        var gate = new Lock();
        var (inWork, inVision, prepared) = (0, 0, 0);
        var (mostInWork, mostInVision, wasNextPrepared) = (0, 0, false);
        using var spans = new Spans(
            a =>
            {
                lock (gate)
                {
                    switch (a.OperationName)
                    {
                        case ZoPruneTelemetry.ReadStage:
                            mostInWork = Math.Max(mostInWork, ++inWork);
                            return;
                        case ZoPruneTelemetry.VisionStage:
                            mostInVision = Math.Max(mostInVision, ++inVision);
                            break;
                        default:
                            return;
                    }
                }

                // Holds the first run until the other image is waiting for its turn.
                if (!wasNextPrepared)
                {
                    wasNextPrepared = isNextPrepared.Wait(LongEnough);
                }
            },
            a =>
            {
                lock (gate)
                {
                    switch (a.OperationName)
                    {
                        case ZoPruneTelemetry.PreprocessStage when ++prepared == 2:
                            isNextPrepared.Set();
                            break;
                        case ZoPruneTelemetry.VisionStage:
                            inVision--;
                            break;
                        case ZoPruneTelemetry.PruneStage:
                            inWork--;
                            break;
                    }
                }
            });

        using var client = Open(2, isCached);
        await client.GetResponseAsync([Question(Pictures.Select(AIContent (p) => p.ToImage()))], ConversationScript.Greedy(), Token);
        Assert.True(wasNextPrepared);
        Assert.Equal((2, 1), (mostInWork, mostInVision));
        Assert.Equal((6, 0), (prepared, inWork));
    }

    [Fact]
    public async Task As_many_images_as_allowed_are_waited_for_at_once()
    {
        var (open, most) = (0, 0);
        var isFull = new TaskCompletionSource();
        using var server = new WebServer(async c =>
        {
            var now = Interlocked.Increment(ref open);
            InterlockedMax(ref most, now);
            if (now == 3)
            {
                isFull.TrySetResult();
            }

            await isFull.Task.WaitAsync(LongEnough);
            var bytes = Golden.ReadImage(Pictures[int.Parse(c.Request.RawUrl![1..], System.Globalization.CultureInfo.InvariantCulture)].Image);

            // Before the client can know that it has all.
            Interlocked.Decrement(ref open);
            await c.Response.OutputStream.WriteAsync(bytes);
        });
        using var client = Open(3, isCached: true, o => o.ContentAccess.AllowedOrigins.Add(server.Origin));
        using var plain = Open(1, isCached: true);
        var response = await client.GetResponseAsync(
            [Question(Enumerable.Range(0, 6).Select(AIContent (i) => new UriContent(server.At($"/{i}"), "image/png")))], ConversationScript.Greedy(), Token);
        var expected = await plain.GetResponseAsync([Question(Pictures.Select(AIContent (p) => p.ToImage()))], ConversationScript.Greedy(), Token);

        Assert.Equal(expected.Text, response.Text);
        Assert.Equal(expected.GetPruningReport()!.Images.Select(Describe), response.GetPruningReport()!.Images.Select(Describe));
        Assert.Equal((3, 6), (most, server.Requests.Count));
    }

    [Fact]
    public async Task The_first_of_several_images_that_fail_is_named()
    {
        // It fails last: when the one behind it has failed already.
        var hasLastFailed = new TaskCompletionSource();
        using var spans = new Spans(onStop: a =>
        {
            if (a.OperationName == ZoPruneTelemetry.DecodeImageStage && ImageOf(a) == 2)
            {
                hasLastFailed.SetResult();
            }
        });
        using var server = new WebServer(async c =>
        {
            await hasLastFailed.Task.WaitAsync(LongEnough);
            c.Response.StatusCode = (int)HttpStatusCode.NotFound;
        });
        using var client = Open(3, isCached: true, o => o.ContentAccess.AllowedOrigins.Add(server.Origin));
        var question = Question([Pictures[0].ToImage(), new UriContent(server.At("/lost.png"), "image/png"), Broken(), Pictures[1].ToImage()]);
        var error = await Assert.ThrowsAsync<ContentAccessException>(() => client.GetResponseAsync([question], null, Token));

        Assert.Contains("1 (message 0, content 1)", error.Message, StringComparison.Ordinal);
        AssertNothingIsLeft(spans);
    }

    [Fact]
    public async Task The_error_of_an_image_does_not_wait_for_those_behind_it()
    {
        var isNextWaitedFor = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        using var spans = new Spans();
        using var server = new WebServer(async c =>
        {
            if (c.Request.RawUrl == "/never.png")
            {
                isNextWaitedFor.SetResult();
                await Task.Delay(Timeout.Infinite, stop.Token);
            }

            await isNextWaitedFor.Task.WaitAsync(LongEnough);
            await c.Response.OutputStream.WriteAsync(Broken().Data);
        });
        using var client = Open(2, isCached: true, o =>
        {
            o.ContentAccess.AllowedOrigins.Add(server.Origin);
            o.ContentAccess.Timeout = TimeSpan.FromHours(1);
        });
        var question = Question([new UriContent(server.At("/broken.png"), "image/png"), new UriContent(server.At("/never.png"), "image/png")]);
        var error = await Assert.ThrowsAsync<ImageDecodingException>(() => client.GetResponseAsync([question], null, Token));

        Assert.Contains("0 (message 0, content 0)", error.Message, StringComparison.Ordinal);
        AssertNothingIsLeft(spans);
        await stop.CancelAsync();
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_it_reads_images_leaves_nothing_behind()
    {
        using var source = new CancellationTokenSource();
        using var stop = new CancellationTokenSource();
        using var spans = new Spans();
        var requests = 0;
        using var server = new WebServer(async _ =>
        {
            if (Interlocked.Increment(ref requests) == 2)
            {
                await source.CancelAsync();
            }

            await Task.Delay(Timeout.Infinite, stop.Token);
        });
        using var client = Open(2, isCached: true, o => o.ContentAccess.AllowedOrigins.Add(server.Origin));
        var question = Question(Enumerable.Range(0, 4).Select(AIContent (i) => new UriContent(server.At($"/{i}"), "image/png")));
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync([question], null, source.Token));

        Assert.Equal(source.Token, error.CancellationToken);
        AssertNothingIsLeft(spans);
        Assert.Equal(2, spans.StartedNames.Count(n => n == ZoPruneTelemetry.ReadStage));
        await stop.CancelAsync();
    }

    [Theory]
    [InlineData(ZoPruneTelemetry.DecodeImageStage, true)]
    [InlineData(ZoPruneTelemetry.VisionStage, true)]
    [InlineData(ZoPruneTelemetry.VisionStage, false)]
    [InlineData(ZoPruneTelemetry.PruneStage, true)]
    public async Task A_call_that_is_cancelled_amid_its_images_leaves_nothing_behind(string stage, bool isCached)
    {
        using var source = new CancellationTokenSource();
        using var spans = new Spans(a =>
        {
            if (a.OperationName == stage)
            {
                source.Cancel();
            }
        });
        using var client = Open(3, isCached);

        // With one picture twice: both wait for the same work.
        var question = Question(new[] { 0, 0, 1, 2, 3 }.Select(AIContent (i) => Pictures[i].ToImage()));
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync([question], null, source.Token));

        Assert.Equal(source.Token, error.CancellationToken);
        AssertNothingIsLeft(spans);
        Assert.DoesNotContain(ZoPruneTelemetry.PrefillStage, spans.StartedNames);
        Assert.InRange(spans.StartedNames.Count(n => n == ZoPruneTelemetry.ReadStage), 1, 4);

        using var plain = Open(1, isCached);
        var after = await client.GetResponseAsync([question], ConversationScript.Greedy(), Token);
        Assert.Equal((await plain.GetResponseAsync([question], ConversationScript.Greedy(), Token)).Text, after.Text);
    }

    [Fact]
    public async Task A_call_amid_its_images_ends_with_an_error_when_the_client_is_disposed()
    {
        var client = Open(2, isCached: true);
        using var spans = new Spans(a =>
        {
            if (a.OperationName == ZoPruneTelemetry.VisionStage)
            {
                client.Dispose();
            }
        });
        var question = Question(Pictures.Select(AIContent (p) => p.ToImage()));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync([question], null, Token));
        AssertNothingIsLeft(spans);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_picture_that_comes_several_times_is_encoded_once_and_the_first_reports_it(int width)
    {
        using var client = Open(width, isCached: true);
        using var spans = new Spans();
        var question = Question(new[] { 0, 1, 0, 0, 1 }.Select(AIContent (i) => Pictures[i].ToImage()));
        var response = await client.GetResponseAsync([question], ConversationScript.Greedy(), Token);

        Assert.Equal(2, spans.StartedNames.Count(n => n == ZoPruneTelemetry.VisionStage));
        var images = response.GetPruningReport()!.Images;
        Assert.Equal([false, false, true, true, true], images.Select(i => i.IsCached));
        Assert.Equal([true, true, false, false, false], images.Select(i => i.SelectionTime > TimeSpan.Zero));
        Assert.Equal(images[0].Kept, images[2].Kept);
        using var plain = Open(1, isCached: false);
        Assert.Equal((await plain.GetResponseAsync([question], ConversationScript.Greedy(), Token)).Text, response.Text);
    }

    [Fact]
    public void One_content_is_read_by_one_thread_at_a_time()
    {
        // Of a data URI the bytes are made when they are first asked for.
        var bytes = Golden.ReadImage(Pictures[0].Image);
        var content = new DataContent($"data:image/png;base64,{Convert.ToBase64String(bytes)}");
        using var reader = new ImageReader(new ZoPruneOptions());
        byte[]? read = null;
        var thread = new Thread(() =>
        {
            var reading = reader.ReadAsync(new ImageSource("0", content), Token);
            read = reading.IsCompletedSuccessfully ? reading.Result.ToArray() : null;
        });
        lock (content)
        {
            thread.Start();
            SpinWait.SpinUntil(() => !thread.IsAlive || thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
            Assert.True(thread.IsAlive);
        }

        Assert.True(thread.Join(LongEnough));
        Assert.Equal(bytes, read);
    }

    [Fact]
    public async Task One_content_that_comes_twice_is_one_picture()
    {
        var picture = new DataContent($"data:image/png;base64,{Convert.ToBase64String(Golden.ReadImage(Pictures[0].Image))}");
        using var client = Open(2, isCached: true);
        using var plain = Open(1, isCached: false);

        var response = await client.GetResponseAsync([Question([picture, picture])], ConversationScript.Greedy(), Token);
        var expected = await plain.GetResponseAsync(
            [Question([Pictures[0].ToImage(), Pictures[0].ToImage()])], ConversationScript.Greedy(), Token);

        Assert.Equal(expected.Text, response.Text);
        Assert.Equal([false, true], response.GetPruningReport()!.Images.Select(i => i.IsCached));
    }

    [Fact]
    public async Task The_first_of_equal_pictures_reports_the_work_also_when_another_was_read_first()
    {
        var isSecondDone = new TaskCompletionSource();
        using var spans = new Spans(onStop: a =>
        {
            if (a.OperationName == ZoPruneTelemetry.PruneStage)
            {
                isSecondDone.SetResult();
            }
        });
        using var server = new WebServer(async c =>
        {
            await isSecondDone.Task.WaitAsync(LongEnough);
            await c.Response.OutputStream.WriteAsync(Pictures[0].ToImage().Data);
        });
        using var client = Open(2, isCached: true, o => o.ContentAccess.AllowedOrigins.Add(server.Origin));
        var response = await client.GetResponseAsync(
            [Question([new UriContent(server.At("/a.png"), "image/png"), Pictures[0].ToImage()])], ConversationScript.Greedy(), Token);

        Assert.Equal(1, ImageOf(spans.Single(ZoPruneTelemetry.VisionStage)));
        Assert.Equal([false, true], response.GetPruningReport()!.Images.Select(i => i.IsCached));
        Assert.True(response.GetStageTimes()!.Vision > TimeSpan.Zero);
    }

    [Fact]
    public async Task Of_a_broken_picture_that_comes_twice_the_first_is_named()
    {
        using var client = Open(2, isCached: true);
        for (var round = 0; round < 20; round++)
        {
            var error = await Assert.ThrowsAsync<ImageDecodingException>(
                () => client.GetResponseAsync([Question([Broken(), Broken()])], null, Token));
            Assert.Contains("0 (message 0, content 0)", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task One_image_alone_changes_no_thread()
    {
        var threads = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        using var spans = new Spans(a => threads[a.OperationName] = Environment.CurrentManagedThreadId);
        using var client = Open(8, isCached: false);
        await client.LoadAsync(Token);
        await client.GetResponseAsync([Pictures[0].ToMessage()], ConversationScript.Greedy(), Token);

        string[] stages =
        [
            ZoPruneTelemetry.ReadStage,
            ZoPruneTelemetry.DecodeImageStage,
            ZoPruneTelemetry.PreprocessStage,
            ZoPruneTelemetry.VisionStage,
            ZoPruneTelemetry.PruneStage,
            ZoPruneTelemetry.PrefillStage,
        ];
        Assert.Single(stages.Select(s => threads[s]).Distinct());
    }

    private static async Task<(ImageSelection[] Selections, string[] Reports)> ReadAsync(string folder, int width, ImageSource[] sources)
    {
        using var client = Open(width, isCached: false, o => o.ModelPath = ModelFolders.PathOf(folder));
        using var lease = await client.Services.Model.AcquireAsync(Token);
        using var telemetry = new CallTelemetry(client.Services.Telemetry, folder);
        var report = new CallReport();
        var settings = PruningSettings.Create(client.Services.Options, new PruningOverrides { IncludeSensitivities = true });
        var pipeline = new ImagePipeline(client.Services, lease, settings, telemetry, report);
        var selections = await pipeline.ReadAsync(sources, Token);
        return (selections, [.. report.ToPruningReport().Images.Select(Describe)]);
    }

    private static ZoPruneChatClient Open(int width, bool isCached, Action<ZoPruneOptions>? configure = null) => Clients.Create(o =>
    {
        o.Images.MaxConcurrency = width;
        (isCached ? (Action<ZoPruneOptions>)Clients.WithFreshCaches : Clients.WithoutCaches)(o);
        configure?.Invoke(o);
    });

    private static ChatMessage Question(IEnumerable<AIContent> images) => new(ChatRole.User, [.. images, new TextContent("What is there?")]);

    private static DataContent Broken() => new(Golden.ReadImage(Pictures[0].Image)[..200], "image/png");

    private static int ImageOf(System.Diagnostics.Activity activity) => (int)activity.GetTagItem(ZoPruneTelemetry.ImageTag)!;

    private static void AssertNothingIsLeft(Spans spans) => Assert.All(spans.Started, a => Assert.True(a.IsStopped, a.OperationName));

    private static void InterlockedMax(ref int most, int value)
    {
        for (var known = Volatile.Read(ref most); known < value;)
        {
            var seen = Interlocked.CompareExchange(ref most, value, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }

    /// <summary>All that a report says but for times.</summary>
    private static string Describe(ImagePruningReport report) => string.Join(
        '|',
        report.VisualTokens,
        report.VisualTokensKept,
        report.Grid,
        string.Join(',', report.Kept),
        string.Join(',', report.PickOrder),
        report.Sensitivities is { } sensitivities ? string.Join(',', sensitivities.Select(BitConverter.SingleToInt32Bits)) : "none",
        report.Estimator,
        string.Join(',', report.Crops),
        string.Join(',', report.Notes),
        report.IsCached);
}
