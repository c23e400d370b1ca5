using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>One token after another with bound buffers: the same logits as an ordinary run, and hardly any managed memory.</summary>
public sealed class TokenStepTests(ZooModels models) : IClassFixture<ZooModels>
{
    private const int Tokens = 40;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. ModelFolders.All];

    /// <summary>A cache that the graph does not write in place comes back as new tensors, an object each.</summary>
    public static TheoryData<string> InPlace => [.. ModelFolders.All.Where(folder =>
        new ModelParts(ModelFolder.Open(ModelFolders.PathOf(folder)), new VisionLanguageModelOptions()).Language.Layout.InPlace)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Logits_are_those_of_ordinary_runs(string folder)
    {
        var options = new VisionLanguageModelOptions();
        var parts = new ModelParts(ModelFolder.Open(ModelFolders.PathOf(folder)), options);
        var words = PrefixReuse.ChooseIds(parts.Language, parts.Tokenizer);
        using var model = new LanguageModel(parts.Language, new GraphSessionFactory(options), words);
        using var step = model.CreateStep();
        Assert.Equal(parts.Language.Layout.InPlace, step is not null);
        using var ordinary = model.CreateCache(2);
        using var bound = model.CreateCache(2);
        float[] logits = [];
        for (var i = 0; i < Tokens && step is not null; i++)
        {
            ordinary.EnsureCapacity(i + 1, Tokens);
            bound.EnsureCapacity(i + 1, Tokens);
            var id = words[i % words.Length];
            model.Run(new DecoderStep(new[] { id }, new[] { (long)i }, 1, i), ReadOnlyMemory<float>.Empty, ordinary, ref logits, Token);
            step.Run(id, i, i, bound, Token);

            Assert.Equal(logits, step.Logits);
        }
    }

    [Theory]
    [MemberData(nameof(InPlace))]
    public void A_token_takes_less_than_a_kilobyte_of_managed_memory(string folder)
    {
        var model = models.Named(folder);
        var prompt = model.EncodeRendered("Some words.", [], PositionPolicy.Auto);
        var sampler = new TokenSampler(new SamplingOptions { DoSample = true, TopK = 40, TopP = 0.9f, Seed = 3, RepetitionPenalty = 1.1f }, Generate.NoEnd);
        using var cancellation = new CancellationTokenSource();
        using var decoding = model.Prefill(prompt, [], 2 * Tokens, cancellation.Token);
        Write();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write();
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / Tokens;

        Assert.InRange(bytes, 0, 1023);

        void Write()
        {
            for (var i = 0; i < Tokens; i++)
            {
                _ = decoding.Next(sampler, cancellationToken: cancellation.Token);
            }
        }
    }
}
