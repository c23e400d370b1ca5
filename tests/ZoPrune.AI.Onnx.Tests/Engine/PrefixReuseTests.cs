using System.Numerics.Tensors;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>A prompt whose beginning comes from a pool gives what the whole prompt gives, in every decoder of the zoo.</summary>
public sealed class PrefixReuseTests(ZooModels models) : IClassFixture<ZooModels>
{
    /// <summary>Its prompt tokens see each other in both directions.</summary>
    private const string Bidirectional = "hf/paligemma";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. ModelFolders.All];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Any_split_gives_the_logits_and_tokens_of_one_run(string folder)
    {
        var model = Open(folder);
        if (folder == Bidirectional)
        {
            Assert.Contains("see what comes after them", model.NoPrefixReuseReason, StringComparison.Ordinal);
        }
        else
        {
            Assert.Null(model.NoPrefixReuseReason);
        }

        var image = Every(Picture(model), 2);
        var prompt = model.EncodePrompt(Ask("Describe the image in detail, please."), [image]);
        var (expected, expectedIds) = Answer(model, prompt, [image], pool: null, out _);
        var (firstVisual, lastVisual) = (prompt.VisualIndices[0], prompt.VisualIndices[^1]);
        int[] splits = [SequencePool.LeastPrefix, firstVisual, (firstVisual + lastVisual) / 2, lastVisual, lastVisual + 1, prompt.Length - 2, prompt.Length - 1];
        foreach (var split in splits.Where(s => s >= SequencePool.LeastPrefix))
        {
            using var pool = model.CreateSequencePool(1 << 28);
            var (beginning, kept) = Begin(prompt, image, split);
            model.Prefill(beginning, [kept], new PrefillOptions { MaxNewTokens = 8, Pool = pool }, Token).Dispose();

            var (logits, ids) = Answer(model, prompt, [image], pool, out var cached);

            Assert.Equal(folder == Bidirectional ? 0 : split, cached);
            AssertClose(expected, logits, folder.EndsWith("fp16", StringComparison.Ordinal) ? 1e-2f : 1e-5f);
            Assert.Equal(expectedIds, ids);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_prompt_that_branches_off_gets_a_copy_of_what_it_shares(string folder)
    {
        var model = Open(folder);
        var image = Every(Picture(model), 2);
        var asked = model.EncodePrompt(Ask("Where is the cat, and why does it sit there?"), [image]);
        var prompt = model.EncodePrompt(Ask("Where is the dog? It was here."), [image]);
        var (expected, expectedIds) = Answer(model, prompt, [image], pool: null, out _);
        using var pool = model.CreateSequencePool(1 << 28);
        Answer(model, asked, [image], pool, out _);

        var (logits, ids) = Answer(model, prompt, [image], pool, out var cached);

        // The sliding window of this one has dropped rows: its caches cannot go back.
        var canRewind = folder is not (Bidirectional or "genai/gemma3");
        Assert.Equal(canRewind, cached > prompt.VisualIndices[^1]);
        AssertClose(expected, logits, folder.EndsWith("fp16", StringComparison.Ordinal) ? 1e-2f : 1e-5f);
        Assert.Equal(expectedIds, ids);

        // The other one is still there as a whole; one that goes on where it ends takes its place.
        Assert.Equal(folder == Bidirectional ? 0 : 2, pool.Count);
        var (_, askedIds) = Answer(model, asked, [image], pool: null, out _);
        using var decoding = model.Prefill(asked, [image], new PrefillOptions { MaxNewTokens = 24, Pool = pool }, Token);
        Assert.Equal(canRewind ? asked.Length - 1 : 0, decoding.CachedTokens);
        askedIds.ForEach(id => decoding.Step(id, Token));
        decoding.Step(askedIds[0], Token);
        decoding.Dispose();
        Assert.Equal(folder switch { Bidirectional => 0, "genai/gemma3" => 3, _ => 2 }, pool.Count);
    }

    [Theory]
    [InlineData("pocket-vlm")]
    [InlineData("hf/llava")]
    public void What_stands_behind_the_shared_tokens_does_not_matter(string folder)
    {
        var model = Open(folder);
        var image = Every(Picture(model), 2);
        var prompt = model.EncodePrompt(Ask("Where is the dog?"), [image]);
        var (expected, _) = Answer(model, prompt, [image], pool: null, out _);
        using var pool = model.CreateSequencePool(1 << 28);
        var tokens = SequenceToken.Of(prompt, [image], 0);
        var cache = ComputedCache(model, prompt, image);
        var shared = prompt.Length - 3;
        foreach (var value in cache.Values.Where(_ => folder == "pocket-vlm"))
        {
            // Not even a number: it would be seen in every logit.
            var heads = (int)value.GetTensorTypeAndShape().Shape[1];
            var data = value.GetTensorMutableDataAsSpan<float>();
            var (head, row) = (data.Length / heads, (int)value.GetTensorTypeAndShape().Shape[3]);
            for (var h = 0; h < heads; h++)
            {
                data.Slice((h * head) + (shared * row), head - (shared * row)).Fill(float.NaN);
            }
        }

        _ = model.NoPrefixReuseReason;
        tokens[shared] = tokens[shared] with { Id = tokens[shared].Id + 1 };
        pool.Park(model.LanguageModel, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens), cache);
        var (logits, _) = Answer(model, prompt, [image], pool, out var cached);

        Assert.Equal(shared, cached);
        AssertClose(expected, logits, 1e-5f);
    }

    [Fact]
    public void Graphs_that_quantise_whole_runs_are_left_alone()
    {
        var model = models.HuggingFace("llava", variants: new GraphVariants { Decoder = "quantized" });
        using var pool = model.CreateSequencePool(1 << 28);
        var image = Every(Picture(model), 2);
        var prompt = model.EncodePrompt(Ask("Where is the dog?"), [image]);

        var (_, expected) = Answer(model, prompt, [image], null, out _);
        Answer(model, prompt, [image], pool, out _);
        var (_, ids) = Answer(model, prompt, [image], pool, out var cached);

        Assert.Contains("DynamicQuantizeLinear", model.NoPrefixReuseReason, StringComparison.Ordinal);
        Assert.Equal(0, cached);
        Assert.Equal(expected, ids);
        Assert.Equal(0, pool.Count);
    }

    [Theory]
    [InlineData(1800, 2000, true)]
    [InlineData(2100, 2300, true)]
    [InlineData(1900, 2200, false)]
    [InlineData(2200, 1900, false)]
    public void Keys_from_before_and_behind_a_change_of_rotary_tables_are_not_mixed(int before, int after, bool reuses)
    {
        // Long rope: the tables change at a length of 2048.
        var model = models["phi3v"];
        using var pool = model.CreateSequencePool(1 << 30);
        var text = string.Concat(Enumerable.Repeat("a b c d e f g h i j k l m n o p q r s t u v w x y z ", 100));
        var whole = model.EncodeRendered(text, [], PositionPolicy.Auto);
        Assert.True(whole.Length > 2300);
        var none = new ImageSelection(Picture(model), []);
        var prompt = Begin(whole, none, after).Prompt;
        var (expected, _) = Answer(model, prompt, [], null, out _);
        model.Prefill(Begin(whole, none, before).Prompt, [], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token).Dispose();

        var (logits, _) = Answer(model, prompt, [], pool, out var cached);

        Assert.Equal(reuses ? Math.Min(before, after - 1) : 0, cached);
        AssertClose(expected, logits, 1e-5f);
    }

    [Fact]
    public void Masked_prompts_are_computed_whole()
    {
        var model = models["qwen2_5_vl"];
        using var pool = model.CreateSequencePool(1 << 28);
        var image = Every(Picture(model), 2);
        var plain = model.EncodePrompt(Ask("Where is the dog?"), [image]);
        var masked = new EncodedPrompt([.. plain.InputIds], [.. plain.Positions], plain.PositionAxes, plain.NextPosition, plain.Policy, plain.VisualTokens, plain.VisualTokensKept)
        {
            VisualIndices = plain.VisualIndices,
            Masked = [true, .. new bool[plain.Length - 1]],
        };
        model.Prefill(masked, [image], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token).Dispose();
        Assert.Equal(0, pool.Count);
        Answer(model, plain, [image], pool, out _);

        using var decoding = model.Prefill(masked, [image], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token);
        Assert.Equal(0, decoding.CachedTokens);
    }

    private static (EncodedPrompt Prompt, ImageSelection Kept) Begin(EncodedPrompt prompt, ImageSelection image, int length)
    {
        int[] visual = [.. prompt.VisualIndices.TakeWhile(at => at < length)];
        long[] positions = [.. Enumerable.Range(0, prompt.PositionAxes).SelectMany(axis => prompt.Positions.Skip(axis * prompt.Length).Take(length))];
        var beginning = new EncodedPrompt(
            [.. prompt.InputIds.Take(length)], positions, prompt.PositionAxes, positions.Max() + 1, prompt.Policy, visual.Length, visual.Length)
        {
            VisualIndices = visual,
        };
        return (beginning, new ImageSelection(image.Image, [.. image.Kept.Take(visual.Length)]));
    }

    /// <summary>The logits behind a prompt, and the largest ones of 24 steps.</summary>
    private static (float[] Logits, List<int> Ids) Answer(
        VisionLanguageModel model, EncodedPrompt prompt, IReadOnlyList<ImageSelection> images, SequencePool? pool, out int cached)
    {
        using var decoding = model.Prefill(prompt, images, new PrefillOptions { MaxNewTokens = 24, Pool = pool }, Token);
        cached = decoding.CachedTokens;
        var logits = decoding.Logits.ToArray();
        var ids = new List<int>();
        for (var i = 0; i < 24; i++)
        {
            ids.Add(TensorPrimitives.IndexOfMax(decoding.Logits));
            decoding.Step(ids[^1], Token);
        }

        return (logits, ids);
    }

    private static KeyValueCache ComputedCache(VisionLanguageModel model, EncodedPrompt prompt, ImageSelection image)
    {
        using var pool = model.CreateSequencePool(1 << 28);
        model.Prefill(prompt, [image], new PrefillOptions { MaxNewTokens = 8, Pool = pool }, Token).Dispose();
        var request = new SequenceRequest(model.LanguageModel, SequenceToken.Of(prompt, [image], 0), SequencePool.LeastPrefix, prompt.Length, prompt.Length);
        return (KeyValueCache)pool.Take(request)!.Value.State;
    }

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        var difference = new float[expected.Length];
        TensorPrimitives.Subtract(expected, actual, difference);
        var (largest, off) = (MathF.Abs(TensorPrimitives.MaxMagnitude(expected)), MathF.Abs(TensorPrimitives.MaxMagnitude(difference)));
        Assert.True(off <= tolerance * largest, $"off by {off}; the largest logit is {largest}");
    }

    private static ChatPrompt Ask(string text) => new([new ChatTurn("user", [new ImagePart(0), new TextPart(text)])]);

    private static ImageSelection Every(VisualTokens image, int step) =>
        new(image, [.. Enumerable.Range(0, image.Count).Where(row => row % step == 0 || image.Tokens.Structural.Contains(row))]);

    private static VisualTokens Picture(VisionLanguageModel model) => ZooModels.Encode(model, TestData.PathTo("zoo", "images", "photo160x120.jpg"));

    private VisionLanguageModel Open(string folder) => models.Named(folder);
}
