using System.Diagnostics;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Runs when nothing else does: it looks at the memory of the process.</summary>
[Collection(nameof(SequenceMemoryTests))]
[CollectionDefinition(nameof(SequenceMemoryTests), DisableParallelization = true)]
public sealed class SequenceMemoryTests(ZooModels models) : IClassFixture<ZooModels>
{
    [Fact]
    public void Many_conversations_leave_no_memory_behind()
    {
        // Each takes 400 kB and more; all but four go to make room, or because a longer one takes their place.
        const long Leak = 400_000;
        var model = models.PocketVlm;
        using var pool = model.CreateSequencePool(4 * Leak);
        Converse(0, 100);
        var before = Resident();
        Converse(100, 600);
        var grown = Resident() - before;

        Assert.InRange(pool.Bytes, 1, pool.MaxBytes);
        Assert.True(pool.Evictions > 100);
        Assert.True(grown < 500 * Leak / 4, $"grown by {grown} bytes");

        void Converse(int from, int to)
        {
            var token = TestContext.Current.CancellationToken;
            for (var i = from; i < to; i++)
            {
                foreach (var text in new[] { $"<bos>{i} alpha beta gamma delta", $"<bos>{i} alpha beta gamma delta epsilon", $"<bos>{i} alpha beta zeta" })
                {
                    using var decoding = model.Prefill(model.EncodeRendered(text, [], PositionPolicy.Auto), [], 128, pool, token);
                    decoding.Step(20, token);
                }
            }
        }
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
