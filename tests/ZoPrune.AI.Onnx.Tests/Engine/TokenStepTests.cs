using System.Numerics.Tensors;
using Google.Protobuf;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>One token after another with bound buffers: the same logits as an ordinary run, and hardly any managed memory.</summary>
public sealed class TokenStepTests(ZooModels models) : IClassFixture<ZooModels>
{
    private const int Tokens = 40;

    /// <summary>Where the graph returns the cache: an object a tensor, its place in a list, names and handles of input and output.</summary>
    private const int ReturnedTensor = 72 + (5 * 8);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. ModelFolders.All];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Logits_are_those_of_ordinary_runs(string folder)
    {
        var options = new VisionLanguageModelOptions();
        var parts = new ModelParts(ModelFolder.Open(ModelFolders.PathOf(folder)), options);
        var words = PrefixReuse.ChooseIds(parts.Language, parts.Tokenizer);
        using var model = new LanguageModel(parts.Language, new GraphSessionFactory(options), words);
        using var step = model.CreateStep();
        Assert.NotNull(step);
        using var ordinary = model.CreateCache(2);
        using var bound = model.CreateCache(2);
        float[] logits = [];
        RunOrdinarily(0, bound);
        RunOrdinarily(0, ordinary);
        for (var i = 1; i < Tokens; i++)
        {
            ordinary.EnsureCapacity(i + 1, Tokens);
            bound.EnsureCapacity(i + 1, Tokens);
            RunOrdinarily(i, ordinary);
            step.Run(words[i % words.Length], i, i, bound, Token);

            Assert.Equal(logits, step.Logits);
        }

        void RunOrdinarily(int i, KeyValueCache cache) => model.Run(
            new DecoderStep(new[] { words[i % words.Length] }, new[] { (long)i }, 1, i), ReadOnlyMemory<float>.Empty, cache, ref logits, Token);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_token_takes_hardly_any_managed_memory(string folder)
    {
        Assert.SkipWhen(folder == "hf/paligemma", "It answers about images only.");
        var model = models.Named(folder);
        var prompt = model.EncodeRendered("Some words.", [], PositionPolicy.Auto);
        var sampler = new TokenSampler(new SamplingOptions { DoSample = true, TopK = 40, TopP = 0.9f, Seed = 3, RepetitionPenalty = 1.1f }, Generate.NoEnd);
        using var cancellation = new CancellationTokenSource();
        using var decoding = model.Prefill(prompt, [], 2 * Tokens, cancellation.Token);
        Write();

        // What grows now and then, or is taken from an emptied pool, is no cost of a token.
        var bytes = long.MaxValue;
        for (var part = 0; part < 3; part++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Write();
            bytes = Math.Min(bytes, (GC.GetAllocatedBytesForCurrentThread() - before) / (Tokens / 2));
        }

        TestContext.Current.SendDiagnosticMessage("{0}: {1} bytes a token", folder, bytes);
        var layout = new ModelParts(ModelFolder.Open(ModelFolders.PathOf(folder)), new VisionLanguageModelOptions()).Language.Layout;
        Assert.InRange(bytes, 0, layout.InPlace ? 255 : 655 + (ReturnedTensor * layout.Layers.Count));

        void Write()
        {
            for (var i = 0; i < Tokens / 2; i++)
            {
                _ = decoding.Next(sampler, cancellationToken: cancellation.Token);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_cache_that_is_written_in_place_is_the_one_that_would_be_returned(string folder)
    {
        var path = ModelFolders.PathOf(folder);
        var options = new VisionLanguageModelOptions();
        Assert.SkipUnless(new ModelParts(ModelFolder.Open(path), options).Language.Layout.InPlace, "It returns the cache.");
        var copy = ZooModels.Copy(path);
        var config = Path.Combine(copy, "genai_config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"past_present_share_buffer\": true", "\"past_present_share_buffer\": false", StringComparison.Ordinal));
        var parts = new ModelParts(ModelFolder.Open(copy), options);
        Assert.False(parts.Language.Layout.InPlace);
        using var returning = VisionLanguageModel.Load(copy, options);
        var model = models.Named(folder);
        var prompt = model.EncodeRendered("Some words.", [], PositionPolicy.Auto);

        using var inPlace = model.Prefill(prompt, [], Tokens, Token);
        using var returned = returning.Prefill(prompt, [], Tokens, Token);
        for (var i = 0; i < Tokens; i++)
        {
            Assert.Equal(returned.Logits, inPlace.Logits);
            var id = TensorPrimitives.IndexOfMax<float>(returned.Logits);
            returned.Step(id, Token);
            inPlace.Step(id, Token);
        }
    }

    [Theory]
    [InlineData("genai/gemma3")]
    [InlineData("hf/llava")]
    public void Graphs_that_leave_shapes_open_are_run_as_prompts_are(string folder)
    {
        var copy = ZooModels.Copy(ModelFolders.PathOf(folder));
        var opened = ModelFolder.Open(copy);
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(opened.Embedding.File));
        graph.Graph.Output[0].Type.TensorType.Shape = null;
        File.WriteAllBytes(opened.Embedding.File, graph.ToByteArray());
        var options = new VisionLanguageModelOptions();
        var parts = new ModelParts(opened, options);
        using (var language = new LanguageModel(parts.Language, new GraphSessionFactory(options), []))
        {
            Assert.Null(language.CreateStep());
        }

        using var model = VisionLanguageModel.Load(copy, options);
        Assert.Equal(Answer(models.Named(folder)), Answer(model));

        static IReadOnlyList<int> Answer(VisionLanguageModel model) => Generate.Ids(
            model, model.EncodeRendered("Some words.", [], PositionPolicy.Auto), [], Tokens, Generate.Greedy, Generate.NoEnd);
    }
}
