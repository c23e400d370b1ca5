using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Generation;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

/// <summary>One folder that is opened twice in one process has one set of sessions.</summary>
public sealed class SharedModelTests
{
    private const int SessionsOfAModel = 3;

    private int _sessions;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_and_service_providers_share_sessions_and_what_is_kept()
    {
        Action<SessionOptions> count = _ => Interlocked.Increment(ref _sessions);
        void Configure(ZoPruneOptions options) => (options.ModelPath, options.ConfigureSession) = (PocketVlm.ModelPath, count);
        using var first = Clients.Create(Configure);
        using var second = Clients.Create(Configure);
        await using var provider = Provider(Configure);
        await using var other = Provider(Configure);
        IChatClient[] clients = [first, second, provider.GetRequiredService<IChatClient>(), other.GetRequiredService<IChatClient>()];

        var answers = await Task.WhenAll(clients.Select(c => c.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token)));

        Assert.All(answers, a => Assert.Equal(Golden.First.Text, a.Text));
        Assert.Equal(SessionsOfAModel, _sessions);
        Assert.Single(clients.Select(c => c.GetService<VisionLanguageModel>()).Distinct());
        Assert.Single(answers, a => !a.GetPruningReport()!.Images[0].IsCached);
        var again = await second.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);
        Assert.Equal(again.Usage!.InputTokenCount - 1, again.Usage.CachedInputTokenCount);
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 0, 1)]
    [InlineData(1, 2, 0)]
    public async Task The_last_user_closes_the_model(params int[] order)
    {
        Action<SessionOptions> count = _ => Interlocked.Increment(ref _sessions);
        void Configure(ZoPruneOptions options) => (options.ModelPath, options.ConfigureSession) = (PocketVlm.ModelPath, count);
        ZoPruneChatClient[] clients = [Clients.Create(Configure), Clients.Create(Configure), Clients.Create(Configure)];
        var models = new HashSet<VisionLanguageModel>();
        foreach (var client in clients)
        {
            await client.LoadAsync(Token);
            models.Add(client.GetService<VisionLanguageModel>()!);
        }

        var model = Assert.Single(models);
        for (var i = 0; i < order.Length; i++)
        {
            // Works as long as one of them is left.
            using (model.Prefill(model.EncodePrompt(Hello, []), [], 1, Token))
            {
            }

            clients[order[i]].Dispose();
            clients[order[i]].Dispose();
        }

        Assert.Throws<ObjectDisposedException>(() => model.Prefill(model.EncodePrompt(Hello, []), [], 1, Token));
        using var later = Clients.Create(Configure);
        await later.LoadAsync(Token);
        Assert.NotSame(model, later.GetService<VisionLanguageModel>());
        Assert.Equal(2 * SessionsOfAModel, _sessions);
    }

    [Fact]
    public async Task A_folder_that_was_replaced_is_opened_anew_and_who_has_it_open_keeps_it()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(PocketVlm.ModelPath))
        {
            folder.Add(Path.GetFileName(file), File.ReadAllBytes(file));
        }

        void Configure(ZoPruneOptions options) => options.ModelPath = folder.Path;
        using var before = Clients.Create(Configure);
        await before.LoadAsync(Token);
        File.AppendAllText(Path.Combine(folder.Path, "genai_config.json"), "\n");
        using var after = Clients.Create(Configure);
        using var too = Clients.Create(Configure);
        await after.LoadAsync(Token);

        Assert.NotSame(before.GetService<VisionLanguageModel>(), after.GetService<VisionLanguageModel>());
        Assert.Same(after.GetService<VisionLanguageModel>(), too.GetService<VisionLanguageModel>());
        foreach (var client in new[] { before, after })
        {
            Assert.Equal(Golden.First.Text, (await client.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token)).Text);
        }
    }

    [Fact]
    public async Task A_load_that_fails_is_an_error_of_all_that_wait_and_is_tried_again()
    {
        var fails = true;
        Action<SessionOptions> configure = _ =>
        {
            Interlocked.Increment(ref _sessions);
            if (Volatile.Read(ref fails))
            {
                throw new TimeoutException("not yet");
            }
        };
        void Configure(ZoPruneOptions options) => (options.ModelPath, options.ConfigureSession) = (PocketVlm.ModelPath, configure);
        ZoPruneChatClient[] clients = [.. Enumerable.Range(0, 4).Select(_ => Clients.Create(Configure))];
        var errors = await Task.WhenAll(clients.Select(c => Record.ExceptionAsync(() => c.LoadAsync(Token)).AsTask()));
        Assert.All(errors, e => Assert.Contains("not yet", e!.ToString(), StringComparison.Ordinal));
        Volatile.Write(ref fails, false);
        Interlocked.Exchange(ref _sessions, 0);

        await Task.WhenAll(clients.Select(c => c.LoadAsync(Token)));

        Assert.Equal(SessionsOfAModel, _sessions);
        var model = Assert.Single(clients.Select(c => c.GetService<VisionLanguageModel>()!).Distinct());
        Array.ForEach(clients, c => c.Dispose());
        Assert.Throws<ObjectDisposedException>(() => model.Prefill(model.EncodePrompt(Hello, []), [], 1, Token));
    }

    [Fact]
    public void Only_the_files_of_a_model_tell_one_folder_from_another()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "onnx", ".git" })
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, name));
        }

        folder.Add("config.json", [1]);
        folder.Add(Path.Combine("onnx", "decoder.onnx_data_1"), [1]);
        var stamp = FolderStamp.Of(folder.Path);
        folder.Add("notes.md", [1]);
        folder.Add(Path.Combine(".git", "state.json"), [1]);
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateSymbolicLink(Path.Combine(folder.Path, "self"), folder.Path);
        }

        Assert.Equal(stamp, FolderStamp.Of(folder.Path));
        folder.Add(Path.Combine("onnx", "decoder.onnx_data_1"), [1, 2]);
        Assert.NotEqual(stamp, FolderStamp.Of(folder.Path));
        var missing = Path.Combine(folder.Path, "missing");
        Assert.NotEqual(FolderStamp.Of(missing), FolderStamp.Of(missing));
    }

    [Fact]
    public async Task Clients_with_other_bounds_share_the_sessions_and_nothing_else()
    {
        using var one = Clients.Create(Clients.WithFreshCaches);
        using var two = Clients.Create(Clients.WithFreshCaches);
        await one.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);
        var response = await two.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);

        Assert.Same(one.GetService<VisionLanguageModel>(), two.GetService<VisionLanguageModel>());
        Assert.False(response.GetPruningReport()!.Images[0].IsCached);
        Assert.Equal(0, response.Usage!.CachedInputTokenCount);
    }

    [Fact]
    public async Task What_is_kept_goes_with_its_last_client()
    {
        // Another client keeps the model itself open.
        using var keeper = Clients.Create(Clients.WithFreshCaches);
        await keeper.LoadAsync(Token);
        var caching = new CachingOptions { VisionFeatureBytes = 123_456_789, KeyValueBytes = 123_456_789 };
        for (var round = 0; round < 2; round++)
        {
            using var client = Clients.Create(o => o.Caching = caching);
            var response = await client.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);
            Assert.False(response.GetPruningReport()!.Images[0].IsCached);
            Assert.Equal(0, response.Usage!.CachedInputTokenCount);
        }
    }

    [Fact]
    public async Task Caches_are_measured()
    {
        using var client = Clients.Create(Clients.WithFreshCaches);
        var values = new Dictionary<(string Instrument, string? Cache), long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ZoPruneTelemetry.SourceName)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            string? cache = null;
            foreach (var (key, tag) in tags)
            {
                cache = key == ZoPruneTelemetry.CacheTag ? (string?)tag : cache;
            }

            lock (values)
            {
                values[(instrument.Name, cache)] = values.GetValueOrDefault((instrument.Name, cache)) + value;
            }
        });
        listener.Start();
        for (var i = 0; i < 2; i++)
        {
            await client.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);
        }

        listener.RecordObservableInstruments();
        lock (values)
        {
            // Other tests call at the same time: no less than these calls.
            Assert.True(values[(ZoPruneTelemetry.VisionCacheHits, null)] >= 1);
            Assert.True(values[(ZoPruneTelemetry.VisionCacheMisses, null)] >= 1);
            Assert.True(values[(ZoPruneTelemetry.CachedPromptTokens, null)] >= Golden.First.PromptLength - 1);
            foreach (var cache in new[] { "vision", "key_value" })
            {
                Assert.True(values[(ZoPruneTelemetry.CacheEntries, cache)] >= 1);
                Assert.True(values[(ZoPruneTelemetry.CacheBytes, cache)] >= 1000);
                Assert.True(values[(ZoPruneTelemetry.CacheEvictions, cache)] >= 0);
            }
        }
    }

    [Fact]
    public async Task Caches_of_one_model_are_measured_as_one()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(PocketVlm.ModelPath))
        {
            folder.Add(Path.GetFileName(file), File.ReadAllBytes(file));
        }

        ZoPruneChatClient Open(long more) => Clients.Create(o => (o.ModelPath, o.Caching.VisionFeatureBytes) = (folder.Path, 100_000_000 + more));
        using var one = Open(0);
        var two = Open(1);
        foreach (var client in new[] { one, two })
        {
            await client.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);
        }

        Assert.Equal([2, 2], Entries());
        two.Dispose();
        Assert.Equal([1, 1], Entries());

        // By cache, and one measurement each.
        long[] Entries()
        {
            var values = new SortedDictionary<string, long>(StringComparer.Ordinal);
            using var listener = new MeterListener
            {
                InstrumentPublished = (instrument, self) =>
                {
                    if (instrument.Name == ZoPruneTelemetry.CacheEntries)
                    {
                        self.EnableMeasurementEvents(instrument);
                    }
                },
            };
            listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                var all = tags.ToArray().ToDictionary(t => t.Key, t => (string)t.Value!);
                if (all[ZoPruneTelemetry.ModelTag] == Path.GetFileName(folder.Path))
                {
                    values.Add(all[ZoPruneTelemetry.CacheTag], value);
                }
            });
            listener.Start();
            listener.RecordObservableInstruments();
            return [.. values.Values];
        }
    }

    [Fact]
    public async Task What_one_client_does_is_in_its_own_log_alone()
    {
        using var logs = new CollectingLoggerFactory();
        using var quiet = new CollectingLoggerFactory();
        using var first = Clients.Create(Clients.WithFreshCaches, logs);
        using var second = Clients.Create(Clients.WithFreshCaches, quiet);
        await second.LoadAsync(Token);
        var before = quiet.Lines.Count;
        await first.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);

        Assert.Equal(before, quiet.Lines.Count);
        Assert.Contains(logs.Lines, l => l.Contains("256 of 256 visual tokens", StringComparison.Ordinal));
    }

    private static Onnx.Text.ChatPrompt Hello => new([new Onnx.Text.ChatTurn("user", [new Onnx.Text.TextPart("hello")])]);

    private static ServiceProvider Provider(Action<ZoPruneOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddZoPruneChatClient(configure);
        return services.BuildServiceProvider();
    }
}
