using System.Diagnostics;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Runs when nothing else does: it looks at the memory of the process.</summary>
[Collection(nameof(SequenceMemoryTests))]
[CollectionDefinition(nameof(SequenceMemoryTests), DisableParallelization = true)]
public sealed class SequenceMemoryTests(ZooModels models) : IClassFixture<ZooModels>
{
    [Theory]
    [InlineData("pocket-vlm")]
    [InlineData("hf/llava")]
    [InlineData("genai/mistral3")]
    public void Many_conversations_leave_no_memory_behind(string folder)
    {
        var model = models.Named(folder);
        long leak;
        using (var probe = model.CreateSequencePool(1 << 28))
        {
            Converse(probe, 0, 1);
            leak = probe.Bytes;
        }

        // What three prompts leave; all but two conversations go to make room.
        using var pool = model.CreateSequencePool(2 * leak);
        Converse(pool, 0, 100);
        var before = Resident();
        Converse(pool, 100, 600);
        var grown = Resident() - before;

        Assert.InRange(pool.Bytes, 1, pool.MaxBytes);
        Assert.True(pool.Evictions > 100);
        Assert.True(grown < 500 * leak / 4, $"grown by {grown} bytes; a conversation takes {leak}");

        void Converse(SequencePool pool, int from, int to)
        {
            var token = TestContext.Current.CancellationToken;
            for (var i = from; i < to; i++)
            {
                foreach (var text in Texts(i))
                {
                    using var decoding = model.Prefill(model.EncodeRendered(text, [], PositionPolicy.Auto), [], new PrefillOptions { MaxNewTokens = 128, Pool = pool }, token);
                    decoding.Step(20, token);
                }
            }
        }
    }

    private static string[] Texts(int number)
    {
        var beginning = $"{number} " + string.Concat(Enumerable.Repeat("alpha beta gamma delta ", 20));
        return [beginning, beginning + "epsilon", beginning + "zeta"];
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
