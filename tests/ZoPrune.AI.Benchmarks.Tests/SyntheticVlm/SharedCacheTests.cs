using System.Numerics.Tensors;
using System.Text;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.SyntheticVlm;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Benchmarks.Tests.SyntheticVlm;

/// <summary>Decoders of the transformers.js layout whose operators can write the cache in place do so, and give what they gave.</summary>
public sealed class SharedCacheTests
{
    private const int Tokens = 150;

    private static readonly ChatPrompt s_chat = new([new ChatTurn("user", [new TextPart("The quick brown fox jumps over the lazy dog, and then it runs back.")])]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Int4")]
    [InlineData("Float32")]
    public void Logits_are_those_of_a_cache_that_is_returned(string precision)
    {
        var (first, second) = (Write(precision), Write(precision));
        var decoder = Directory.EnumerateFiles(second, "decoder_model_merged*.onnx", SearchOption.AllDirectories).Single();
        File.WriteAllBytes(decoder, [.. File.ReadAllBytes(decoder), .. OnlookerAtTheCache()]);
        using var inPlace = VisionLanguageModel.Load(first);
        using var returning = VisionLanguageModel.Load(second);
        using var inPlacePool = inPlace.CreateSequencePool(1 << 26);
        using var returningPool = returning.CreateSequencePool(1 << 26);
        var prompt = inPlace.EncodePrompt(s_chat, [], PositionPolicy.Auto);

        // The second time behind what the first time left.
        var (least, leastReturned) = (long.MaxValue, long.MaxValue);
        for (var turn = 0; turn < 2; turn++)
        {
            using var a = inPlace.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = Tokens, Pool = inPlacePool }, Token);
            using var b = returning.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = Tokens, Pool = returningPool }, Token);
            Assert.Equal(b.CachedTokens, a.CachedTokens);
            Assert.Equal(turn == 1, a.CachedTokens > 0);
            for (var i = 0; i < Tokens; i++)
            {
                Assert.Equal(b.Logits, a.Logits);
                var id = TensorPrimitives.IndexOfMax<float>(b.Logits);
                least = Math.Min(least, Step(a, id));
                leastReturned = Math.Min(leastReturned, Step(b, id));
            }
        }

        // No object for any tensor of the cache.
        Assert.InRange(least, 0, 255);
        Assert.InRange(leastReturned, 768, long.MaxValue);

        static long Step(Decoding decoding, int id)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            decoding.Step(id, Token);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static string Write(string precision)
    {
        var folder = TemporaryFolders.Create();
        SyntheticModel.Write(SyntheticModel.Plan("next-like", ModelSize.Tiny, Enum.Parse<WeightPrecision>(precision)), folder);
        return folder;
    }

    /// <summary>A node more at the end of a file, as protobuf allows: it looks at a past, which must have no room to spare then.</summary>
    private static byte[] OnlookerAtTheCache()
    {
        byte[] node = [.. Text(1, "past_key_values.0.key"), .. Text(2, "onlooker"), .. Text(4, "Shape")];
        byte[] graph = [(1 << 3) | 2, (byte)node.Length, .. node];
        return [(7 << 3) | 2, (byte)graph.Length, .. graph];

        static byte[] Text(int field, string text) => [(byte)((field << 3) | 2), (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];
    }
}
