using ZoPrune.AI.Caching;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Tests;

public sealed class VisionCacheTests
{
    private static readonly PruningSettings Settings = PruningSettings.Create(new ZoPruneOptions(), null);

    private static readonly PruningResult Everything =
        new TokenPruner(null, new UniformGridSelector(), new TokenBudget { KeepRatio = 1 }).Prune(Tokens().Tokens);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_picture_is_worked_on_once_however_the_calls_fall()
    {
        const int Pictures = 500;
        var cache = new VisionCache(1 << 28);
        var works = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Pictures; i++)
            {
                var key = Key(i);
                await cache.GetAsync(key, Settings, (_, _) => Work(key), () => new MemoryStream(), Token);
            }
        })));

        Assert.Equal((Pictures, Pictures), (works, cache.Count));

        Task<(CachedImage, PruningResult)> Work(ImageKey key)
        {
            Interlocked.Increment(ref works);
            return Task.FromResult(Made(key));
        }
    }

    [Fact]
    public async Task Work_that_cannot_begin_is_an_error_and_hinders_nobody()
    {
        var cache = new VisionCache(1 << 20);
        var key = Key(1);
        await Assert.ThrowsAsync<TimeoutException>(
            () => cache.GetAsync(key, Settings, (_, _) => Task.FromResult(Made(key)), () => throw new TimeoutException(), Token));
        var works = 0;
        await cache.GetAsync(
            key,
            Settings,
            (_, _) =>
            {
                works++;
                return Task.FromResult(Made(key));
            },
            () => new MemoryStream(),
            Token);

        Assert.Equal((1, 1), (works, cache.Count));
    }

    [Fact]
    public async Task Calls_that_wait_for_work_that_fails_do_their_own_at_once()
    {
        var cache = new VisionCache(1 << 20);
        var key = Key(1);
        using var waiting = new CountdownEvent(4);
        using var together = new Barrier(4);
        var first = cache.GetAsync(
            key,
            Settings,
            (_, token) =>
            {
                waiting.Wait(token);
                throw new TimeoutException();
            },
            () => new MemoryStream(),
            Token);
        var works = 0;
        var others = Enumerable.Range(0, 4).Select(_ => cache.GetAsync(
            key,
            Settings,
            (_, token) =>
            {
                // One after another, they would wait for each other here.
                together.SignalAndWait(token);
                Interlocked.Increment(ref works);
                return Task.FromResult(Made(key));
            },
            () => new MemoryStream(),
            Token)).ToArray();
        waiting.Signal(4);

        await Assert.ThrowsAsync<TimeoutException>(() => first);
        await Task.WhenAll(others);
        Assert.Equal(4, works);
    }

    [Fact]
    public void Of_many_settings_the_last_ones_stay()
    {
        var image = Made(Key(1)).Image;
        PruningSettings[] settings = [.. Enumerable.Range(1, 20).Select(i => Settings with { MinVisualTokens = 100 + i })];
        foreach (var one in settings)
        {
            image = image.With(one, Everything);
        }

        Assert.Equal(settings[4..], image.Selections.Keys);
        Assert.Equal(settings[4..], image.MergedWith(Made(Key(1)).Image.With(settings[0], Everything)).Selections.Keys);
    }

    private static ImageKey Key(int number) => new($"{number}", default, false);

    private static (CachedImage Image, PruningResult Result) Made(ImageKey key) =>
        (new CachedImage(key, 1, 1, Tokens()).With(Settings, Everything), Everything);

    private static VisualTokens Tokens() => new(new PrunableTokens { Embeddings = new TokenMatrix(new float[] { 1, 2, 3, 4 }, 2, 2) });
}
