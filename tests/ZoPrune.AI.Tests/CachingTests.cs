using System.Text;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

/// <summary>What is kept between calls changes no token.</summary>
public sealed class CachingTests
{
    private static readonly Golden[] Pictures = [.. Enumerable.Range(0, 4).Select(i => Golden.All[i * 97])];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. ModelFolders.All];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Conversations_give_the_same_tokens_with_and_without(string folder)
    {
        using var cached = Open(folder, Clients.WithFreshCaches);
        using var plain = Open(folder, Clients.WithoutCaches);
        var reused = 0L;
        foreach (var (name, messages, options) in ConversationScript.Of(Path.GetFileName(folder)))
        {
            var expected = await plain.GetResponseAsync(messages, options, Token);
            var actual = await cached.GetResponseAsync(messages, options, Token);

            Assert.Equal((name, expected.Text), (name, actual.Text));
            Assert.Equal(expected.FinishReason, actual.FinishReason);
            Assert.Equal(expected.Usage!.InputTokenCount, actual.Usage!.InputTokenCount);
            Assert.Equal(expected.Usage.OutputTokenCount, actual.Usage.OutputTokenCount);
            Assert.Equal(0, expected.Usage.CachedInputTokenCount);
            Assert.InRange(actual.Usage.CachedInputTokenCount!.Value, 0, actual.Usage.InputTokenCount!.Value - 1);
            Assert.Equal(
                expected.GetPruningReport()!.Images.Select(i => string.Join(",", i.Kept)),
                actual.GetPruningReport()!.Images.Select(i => string.Join(",", i.Kept)));
            reused += actual.Usage.CachedInputTokenCount.Value;
        }

        // The tokens of this one's prompts see each other in both directions.
        Assert.Equal(folder != "hf/paligemma", reused > 0);
    }

    [Fact]
    public async Task A_conversation_that_goes_on_computes_what_is_new()
    {
        using var client = Clients.Create(Clients.WithFreshCaches);
        List<ChatMessage> messages = [Pictures[0].ToMessage()];
        var first = await client.GetResponseAsync(messages, ConversationScript.Greedy(), Token);
        messages.Add(new ChatMessage(ChatRole.Assistant, first.Text));
        messages.Add(new ChatMessage(ChatRole.User, "What colour is it?"));
        var second = await client.GetResponseAsync(messages, ConversationScript.Greedy(), Token);

        Assert.Equal(0, first.Usage!.CachedInputTokenCount);
        Assert.True(second.Usage!.CachedInputTokenCount >= first.Usage.InputTokenCount, $"{second.Usage.CachedInputTokenCount} of {first.Usage.InputTokenCount}");
        Assert.False(first.GetPruningReport()!.Images[0].IsCached);
        Assert.True(second.GetPruningReport()!.Images[0].IsCached);
        var times = second.GetStageTimes()!;
        Assert.Equal(
            [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero],
            [times.ImageDecode, times.ImagePreprocess, times.Vision, times.Sensitivity, times.Selection]);
        Assert.True(times.ImageRead > TimeSpan.Zero);
    }

    [Fact]
    public async Task Another_keep_ratio_needs_no_second_run_of_the_vision_graph_and_another_estimator_does()
    {
        using var client = Clients.Create(Clients.WithFreshCaches);
        using var plain = Clients.Create(Clients.WithoutCaches);
        await client.GetResponseAsync([Pictures[0].ToMessage()], ConversationScript.Greedy(p => p.KeepRatio = 0.5), Token);
        var ratio = ConversationScript.Greedy(p => (p.KeepRatio, p.IncludeSensitivities) = (0.25, true));
        var other = await client.GetResponseAsync([Pictures[0].ToMessage()], ratio, Token);
        var expected = await plain.GetResponseAsync([Pictures[0].ToMessage()], ratio, Token);

        var (known, made) = (Assert.Single(other.GetPruningReport()!.Images), Assert.Single(expected.GetPruningReport()!.Images));
        Assert.True(known.IsCached);
        Assert.Equal(made.Kept, known.Kept);
        Assert.Equal(made.PickOrder, known.PickOrder);
        Assert.Equal(made.Sensitivities, known.Sensitivities);
        Assert.Equal(made.Estimator, known.Estimator);
        Assert.Equal(made.Notes, known.Notes);

        foreach (var same in new Action<PruningOverrides>[] { p => p.Estimator = SensitivityEstimation.ClosedForm, p => p.Seed = 5 })
        {
            // Settings of the estimator that is meant already.
            var response = await client.GetResponseAsync([Pictures[0].ToMessage()], ConversationScript.Greedy(same), Token);
            Assert.True(Assert.Single(response.GetPruningReport()!.Images).IsCached);
        }

        var estimator = await client.GetResponseAsync(
            [Pictures[0].ToMessage()], ConversationScript.Greedy(p => p.Estimator = SensitivityEstimation.ZerothOrder), Token);
        Assert.False(Assert.Single(estimator.GetPruningReport()!.Images).IsCached);
        Assert.True(estimator.GetStageTimes()!.Vision > TimeSpan.Zero);
    }

    [Fact]
    public async Task Limits_hold_for_pictures_that_are_known()
    {
        var image = Golden.ReadImage(Pictures[0].Image);
        using var permissive = Clients.Create(Clients.WithFreshCaches);
        await permissive.GetResponseAsync([Pictures[0].ToMessage()], ConversationScript.Greedy(), Token);
        var caching = CachingOf(permissive);
        foreach (var (limit, expected) in new (Action<ImageOptions>, string)[]
        {
            (i => i.MaxBytes = image.Length - 1, "the limit is " + (image.Length - 1)),
            (i => i.MaxSide = 20, "the limit is 20 pixels a side"),
            (i => i.MaxPixels = 100, "the limit is 100 pixels"),
        })
        {
            using var strict = Clients.Create(o =>
            {
                o.Caching = caching;
                limit(o.Images);
            });
            Assert.Same(permissive.GetService<VisionLanguageModel>(), strict.GetService<VisionLanguageModel>());
            var error = await Assert.ThrowsAsync<ImageDecodingException>(() => strict.GetResponseAsync([Pictures[0].ToMessage()], ConversationScript.Greedy(), Token));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Thirty_two_conversations_at_once_give_what_each_gives_alone()
    {
        // They share instructions and pictures; bounds so small that some of what they leave has to go.
        using var plain = Clients.Create(Clients.WithoutCaches);
        using var ample = Clients.Create(Clients.WithFreshCaches);
        using var tight = Clients.Create(o => o.Caching = new CachingOptions { VisionFeatureBytes = 700_000, KeyValueBytes = 6_000_000 });
        var alone = new string[32];
        for (var i = 0; i < alone.Length; i++)
        {
            (alone[i], var reused) = await ConverseAsync(plain, i);
            Assert.Equal(0, reused);
        }

        foreach (var client in new[] { ample, tight })
        {
            var together = await Task.WhenAll(Enumerable.Range(0, alone.Length).Select(i => Task.Run(() => ConverseAsync(client, i))));
            Assert.Equal(alone, together.Select(t => t.Text));
            Assert.True(together.Sum(t => t.Reused) > 0);
            using var lease = await client.Services.Model.AcquireAsync(Token);
            var (vision, sequences) = (lease.Caches.Vision, lease.Caches.Sequences);
            Assert.Equal((client == tight, client == tight), (vision.Evictions > 0, sequences.Evictions > 0));
            Assert.True(vision.Bytes <= client.Services.Options.Caching.VisionFeatureBytes && sequences.Bytes <= sequences.MaxBytes);
        }
    }

    [Fact]
    public async Task A_new_picture_of_many_calls_is_encoded_once_and_one_that_leaves_spoils_nothing()
    {
        using var client = Clients.Create(Clients.WithFreshCaches);
        using var plain = Clients.Create(Clients.WithoutCaches);
        var expected = (await plain.GetResponseAsync([Pictures[1].ToMessage()], ConversationScript.Greedy(), Token)).Text;
        await client.LoadAsync(Token);
        using var impatient = new CancellationTokenSource();
        var isCancelled = 0;
        using var spans = new Spans(a =>
        {
            // The call whose stage it is leaves in the middle of it.
            if (a.OperationName == ZoPruneTelemetry.VisionStage && Interlocked.Exchange(ref isCancelled, 1) == 0)
            {
                impatient.Cancel();
            }
        });

        var first = client.GetResponseAsync([Pictures[1].ToMessage()], ConversationScript.Greedy(), impatient.Token);
        var others = Enumerable.Range(0, 31).Select(_ => client.GetResponseAsync([Pictures[1].ToMessage()], ConversationScript.Greedy(), Token)).ToArray();

        Assert.All(await Task.WhenAll(others), r => Assert.Equal(expected, r.Text));
        var left = await Record.ExceptionAsync(() => first);
        Assert.True(left is null or OperationCanceledException, left?.ToString());

        // Once; once more at most, if the first left before anybody else had come.
        Assert.InRange(spans.StartedNames.Count(n => n == ZoPruneTelemetry.VisionStage), 1, 2);
    }

    [Fact]
    public async Task A_picture_that_cannot_be_decoded_is_an_error_of_every_call_by_its_own_name()
    {
        using var client = Clients.Create(Clients.WithFreshCaches);
        var broken = Golden.ReadImage(Pictures[0].Image)[..200];
        var errors = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Record.ExceptionAsync(() => client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new DataContent(broken, "image/png") { Name = $"picture-{i}" }, new TextContent("What?")])], null, Token)).AsTask()));
        Assert.All(errors.Select((e, i) => (e, i)), e => Assert.Contains($"picture-{e.i}", Assert.IsType<ImageDecodingException>(e.e).Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_changes_is_another_picture()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Add("picture.png", Golden.ReadImage(Pictures[0].Image));
        using var client = Clients.Create(o =>
        {
            Clients.WithFreshCaches(o);
            o.ContentAccess.AllowedDirectories.Add(folder.Path);
        });
        ChatMessage[] messages = [new(ChatRole.User, [new UriContent(new Uri(path), "image/png"), new TextContent(Pictures[0].Question)])];
        await client.GetResponseAsync(messages, ConversationScript.Greedy(), Token);
        var again = await client.GetResponseAsync(messages, ConversationScript.Greedy(), Token);
        folder.Add("picture.png", Golden.ReadImage(Pictures[1].Image));
        var changed = await client.GetResponseAsync(messages, ConversationScript.Greedy(), Token);

        Assert.True(again.GetPruningReport()!.Images[0].IsCached);
        Assert.False(changed.GetPruningReport()!.Images[0].IsCached);
        using var plain = Clients.Create(Clients.WithoutCaches);
        var expected = await plain.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [Pictures[1].ToImage(), new TextContent(Pictures[0].Question)])], ConversationScript.Greedy(), Token);
        Assert.Equal(expected.Text, changed.Text);
    }

    [Fact]
    public async Task A_stream_that_is_left_or_cancelled_is_gone_on_with()
    {
        using var client = Clients.Create(Clients.WithFreshCaches);
        using var plain = Clients.Create(Clients.WithoutCaches);
        var golden = Golden.Longest;
        var expected = (await plain.GetResponseAsync([golden.ToMessage()], Clients.Unpruned(), Token)).Text;
        await foreach (var _ in client.GetStreamingResponseAsync([golden.ToMessage()], Clients.Unpruned(), Token))
        {
            break;
        }

        var second = await client.GetResponseAsync([golden.ToMessage()], Clients.Unpruned(), Token);
        Assert.Equal(second.Usage!.InputTokenCount - 1, second.Usage.CachedInputTokenCount);
        Assert.Equal(expected, second.Text);

        using var cancellation = new CancellationTokenSource();
        var updates = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync([golden.ToMessage()], Clients.Unpruned(), cancellation.Token))
            {
                if (++updates == 2)
                {
                    await cancellation.CancelAsync();
                }
            }
        });
        Assert.Equal(2, updates);

        var third = await client.GetResponseAsync([golden.ToMessage()], Clients.Unpruned(), Token);
        Assert.Equal(third.Usage!.InputTokenCount - 1, third.Usage.CachedInputTokenCount);
        Assert.Equal(expected, third.Text);
    }

    [Fact]
    public async Task Bytes_that_change_under_way_are_not_kept_under_the_name_of_what_they_were()
    {
        using var client = Clients.Create(o => (o.Caching.VisionFeatureBytes, o.Caching.KeyValueBytes) = (0, 123_000_000));
        var bytes = Golden.ReadImage(Golden.First.Image);
        ChatMessage question = new(ChatRole.User, [new DataContent(bytes, "image/png"), new TextContent(Golden.First.Question)]);
        using (new Spans(a =>
        {
            if (a.OperationName == ZoPruneTelemetry.DecodeImageStage)
            {
                Array.Clear(bytes);
            }
        }))
        {
            Assert.Equal(Golden.First.Text, (await client.GetResponseAsync([question], Clients.Unpruned(), Token)).Text);
        }

        Assert.False(bytes.AsSpan().ContainsAnyExcept((byte)0));
        var again = await client.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);
        Assert.Equal(again.Usage!.InputTokenCount - 1, again.Usage.CachedInputTokenCount);
        Assert.Equal(Golden.First.Text, again.Text);
    }

    [Fact]
    public async Task A_conversation_above_the_bound_is_kept_up_to_where_it_fits_and_the_log_says_so_once()
    {
        using var logs = new CollectingLoggerFactory();
        using var client = Clients.Create(o => o.Caching.KeyValueBytes = 500_001, logs);
        await client.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);
        var again = await client.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);

        Assert.InRange(again.Usage!.CachedInputTokenCount!.Value, 8, again.Usage.InputTokenCount!.Value - 2);
        Assert.Equal(Golden.First.Text, again.Text);
        Assert.Single(logs.Lines, l => l.Contains("larger than KeyValueBytes", StringComparison.Ordinal));
    }

    private static CachingOptions CachingOf(ZoPruneChatClient client) =>
        new() { VisionFeatureBytes = client.Services.Options.Caching.VisionFeatureBytes, KeyValueBytes = client.Services.Options.Caching.KeyValueBytes };

    private static async Task<(string Text, long Reused)> ConverseAsync(ZoPruneChatClient client, int number)
    {
        var text = new StringBuilder();
        var reused = 0L;
        List<ChatMessage> messages =
        [
            new(ChatRole.User, [Pictures[number % 2].ToImage(), new TextContent($"{Pictures[number % 2].Question} Say it to reader {number}.")]),
        ];
        for (var turn = 0; turn < 3; turn++)
        {
            var response = await client.GetResponseAsync(messages, ConversationScript.Greedy(), Token);
            text.Append(response.Text).Append('|');
            reused += response.Usage!.CachedInputTokenCount!.Value;
            messages.Add(new ChatMessage(ChatRole.Assistant, response.Text));
            messages.Add(turn == 0
                ? new ChatMessage(ChatRole.User, [Pictures[2 + (number % 2)].ToImage(), new TextContent("And here?")])
                : new ChatMessage(ChatRole.User, $"Tell reader {number} where."));
        }

        return (text.ToString(), reused);
    }

    private static ZoPruneChatClient Open(string folder, Action<ZoPruneOptions> configure) => Clients.Create(o =>
    {
        configure(o);
        o.ModelPath = ModelFolders.PathOf(folder);
    });
}
