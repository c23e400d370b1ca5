using System.Globalization;
using Microsoft.Extensions.AI;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client;

/// <summary>Generators give back their memory. Run alone: others would be counted too.</summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    // A generator with room for an answer as long as the bundled model's context.
    private const long GeneratorBytes = 2048L * 5 * 2 * 2 * 32 * sizeof(float);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_calls_take_no_more_memory_than_one_hundred()
    {
        GenAI.SkipIfAbsent();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident memory is read from /proc.");
        using var client = Clients.Create(o => Clients.WithoutCaches(o.UseOnnxRuntimeGenAI()));
        await AskAsync(client, 0, 100);
        var before = ReadResidentBytes();
        await AskAsync(client, 100, 100);

        // One in five that stayed would be seen.
        Assert.InRange(ReadResidentBytes() - before, long.MinValue, 20 * GeneratorBytes);
    }

    [Fact]
    public async Task What_is_kept_stays_within_its_bound()
    {
        GenAI.SkipIfAbsent();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident memory is read from /proc.");
        const int Bound = 32_000_000;
        using var client = Clients.Create(o => o.UseOnnxRuntimeGenAI().Caching = new CachingOptions { VisionFeatureBytes = 0, KeyValueBytes = Bound });
        await AskAsync(client, 0, 20);
        var before = ReadResidentBytes();
        await AskAsync(client, 20, 100);

        using var lease = await client.Services.Model.AcquireAsync(Token);
        var sequences = lease.Caches.Sequences;
        Assert.True(sequences.Evictions > 80, $"{sequences.Evictions} evictions");
        Assert.InRange(sequences.Bytes, GeneratorBytes, Bound);
        Assert.InRange(ReadResidentBytes() - before, long.MinValue, 20 * GeneratorBytes);
    }

    /// <summary>Calls that are left after their first words, each with a prompt of its own.</summary>
    private static async Task AskAsync(ZoPruneChatClient client, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            await foreach (var _ in client.GetStreamingResponseAsync(string.Create(CultureInfo.InvariantCulture, $"{i} red shirts"), null, Token))
            {
                break;
            }
        }
    }

    private static long ReadResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
