using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Tests.Graphs;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

public sealed class SequencePoolTests(ZooModels models) : IClassFixture<ZooModels>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Visual_tokens_are_equal_by_content_id_and_else_to_themselves_alone()
    {
        var model = models.PocketVlm;
        var tokens = ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", "images", "001.png"));

        // What stands before the image is too little to be taken from anywhere.
        Assert.True(model.EncodePrompt(Ask("Where?"), [Half(tokens)]).VisualIndices[0] < SequencePool.LeastPrefix);
        Assert.Equal(0, CachedAfter(tokens, tokens.WithoutProjectorTensors(null)));
        Assert.Equal(0, CachedAfter(tokens.WithoutProjectorTensors("a"), tokens.WithoutProjectorTensors("b")));
        Assert.True(CachedAfter(tokens, tokens) > 128);
        Assert.True(CachedAfter(tokens.WithoutProjectorTensors("a"), tokens.WithoutProjectorTensors("a")) > 128);

        int CachedAfter(VisualTokens first, VisualTokens second)
        {
            using var pool = model.CreateSequencePool(1 << 28);
            model.Prefill(model.EncodePrompt(Ask("Where?"), [Half(first)]), [Half(first)], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token).Dispose();
            using var decoding = model.Prefill(model.EncodePrompt(Ask("Where?"), [Half(second)]), [Half(second)], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token);
            return decoding.CachedTokens;
        }
    }

    [Fact]
    public void Another_selection_shares_the_rows_up_to_the_first_that_differs()
    {
        var model = models.PocketVlm;
        var tokens = ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", "images", "001.png"));
        using var pool = model.CreateSequencePool(1 << 28);
        ImageSelection one = new(tokens, [.. Enumerable.Range(0, 60), 80]), two = new(tokens, [.. Enumerable.Range(0, 50), 90, 91]);
        model.Prefill(model.EncodePrompt(Ask("Where?"), [one]), [one], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token).Dispose();
        var prompt = model.EncodePrompt(Ask("Where?"), [two]);

        using var decoding = model.Prefill(prompt, [two], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token);

        Assert.Equal(prompt.VisualIndices[50], decoding.CachedTokens);
    }

    [Fact]
    public void The_pool_holds_no_more_than_its_bound_and_the_least_recently_used_goes_first()
    {
        var model = models.PocketVlm;
        long one;
        using (var probe = model.CreateSequencePool(1 << 28))
        {
            Run(model, probe, "alpha beta gamma delta 0");
            one = probe.Bytes;
        }

        using var pool = model.CreateSequencePool((3 * one) + (one / 2));
        string[] texts = [.. Enumerable.Range(0, 5).Select(i => $"{i} alpha beta gamma delta")];
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, Run(model, pool, texts[i]));
        }

        Assert.Equal(3, pool.Count);
        Assert.True(Run(model, pool, texts[0]) > 0);
        Run(model, pool, texts[3]);

        // The second was not used for longest.
        Assert.Equal(1, pool.Evictions);
        Assert.True(Run(model, pool, texts[0]) > 0);
        Assert.True(Run(model, pool, texts[2]) > 0);
        Assert.Equal(0, Run(model, pool, texts[1]));
        Assert.InRange(pool.Bytes, 1, pool.MaxBytes);
        pool.Clear();
        Assert.Equal((0, 0L), (pool.Count, pool.Bytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void What_is_too_large_is_not_parked(long bytes)
    {
        using var pool = models.PocketVlm.CreateSequencePool(bytes);
        Run(models.PocketVlm, pool, "alpha beta gamma delta");
        Assert.Equal(0, Run(models.PocketVlm, pool, "alpha beta gamma delta"));
        Assert.Equal((0, 0L), (pool.Count, pool.Bytes));
    }

    [Theory]
    [InlineData("pocket-vlm")]
    [InlineData("hf/llava")]
    public void Of_a_sequence_above_the_bound_the_beginning_is_parked(string folder)
    {
        var model = models.Named(folder);
        var prompt = model.EncodeRendered(string.Concat(Enumerable.Repeat("alpha beta gamma delta ", 40)), [], PositionPolicy.Auto);
        using var ample = model.CreateSequencePool(1 << 28);
        model.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = 1, Pool = ample }, Token).Dispose();
        var bytes = ample.Bytes / prompt.Length;
        Assert.Equal(ample.Bytes, bytes * prompt.Length);
        using var tight = model.CreateSequencePool((bytes * (prompt.Length / 2)) + (bytes / 2));
        model.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = 1, Pool = tight }, Token).Dispose();

        Assert.Equal((0L, 1L), (ample.Oversized, tight.Oversized));
        Assert.Equal((1, bytes * (prompt.Length / 2)), (tight.Count, tight.Bytes));
        using var whole = model.Prefill(prompt, [], 1, Token);
        using var parts = model.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = 1, Pool = tight }, Token);
        Assert.Equal(prompt.Length / 2, parts.CachedTokens);
        Assert.Equal(TensorPrimitives.IndexOfMax(whole.Logits), TensorPrimitives.IndexOfMax(parts.Logits));
    }

    [Fact]
    public void Room_that_was_not_used_is_not_parked()
    {
        var model = models.PocketVlm;
        var prompt = Text(model, "alpha beta gamma delta");
        using var ample = model.CreateSequencePool(1 << 28);
        model.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = 1, Pool = ample }, Token).Dispose();
        var bytes = ample.Bytes / prompt.Length;

        // One token more than there is room for: the buffers double.
        var length = prompt.Length + 129;
        using var tight = model.CreateSequencePool(bytes * length);
        var decoding = model.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = 128, Pool = tight }, Token);
        for (var i = prompt.Length; i < length; i++)
        {
            decoding.Step(20 + (i % 7), Token);
        }

        decoding.Dispose();
        Assert.Equal((1, bytes * length, 0L), (tight.Count, tight.Bytes, tight.Oversized));
    }

    [Theory]
    [InlineData("pocket-vlm")]
    [InlineData("hf/llava")]
    public async Task Any_number_of_prompts_go_on_from_one_beginning_at_once(string folder)
    {
        var model = models.Named(folder);
        var beginning = string.Concat(Enumerable.Repeat("alpha beta gamma delta ", 20));
        using var pool = model.CreateSequencePool(1 << 28);
        var shared = model.EncodeRendered(beginning, [], PositionPolicy.Auto);
        model.Prefill(shared, [], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token).Dispose();

        var cached = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() =>
        {
            using var decoding = model.Prefill(model.EncodeRendered(beginning + $"{i} zeta eta", [], PositionPolicy.Auto), [], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token);
            return decoding.CachedTokens;
        })));

        // The last token may be written in another way where the text goes on.
        Assert.All(cached, c => Assert.True(c >= shared.Length - 2, $"{c} of {shared.Length}"));
        Assert.Equal(0, pool.Evictions);
    }

    [Fact]
    public async Task Many_at_once_give_what_each_gives_alone_within_the_bound()
    {
        var model = models.PocketVlm;
        var image = Half(ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", "images", "003.png")));
        string[] questions = ["What number is on the tag?", "Where is the sandal?", "What is in this image?", "Is there a boot?"];
        var alone = questions.Select(q => Generate.Ids(model, model.EncodePrompt(Ask(q), [image]), [image], 12)).ToArray();
        using var pool = model.CreateSequencePool(1_000_000);
        var (largest, reused) = (0L, 0L);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watcher = Task.Run(() =>
        {
            while (!watching.IsCancellationRequested)
            {
                largest = Math.Max(largest, pool.Bytes);
            }
        }, Token);

        try
        {
            await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() =>
            {
                using var decoding = model.Prefill(model.EncodePrompt(Ask(questions[i % 4]), [image]), [image], new PrefillOptions { MaxNewTokens = 12, Pool = pool }, Token);
                Interlocked.Add(ref reused, decoding.CachedTokens);
                foreach (var id in alone[i % 4])
                {
                    Assert.Equal(id, TensorPrimitives.IndexOfMax(decoding.Logits));
                    decoding.Step(id, Token);
                }
            })));
        }
        finally
        {
            await watching.CancelAsync();
            await watcher;
        }

        Assert.InRange(largest, 1, pool.MaxBytes);
        Assert.True(reused > 0);
        Assert.True(pool.Evictions > 0);
    }

    [Fact]
    public void A_pool_that_is_disposed_of_takes_nothing_back_and_a_pool_of_another_model_is_refused()
    {
        var model = models.PocketVlm;
        var pool = model.CreateSequencePool(1 << 28);
        using (var decoding = model.Prefill(Text(model, "alpha beta gamma delta"), [], new PrefillOptions { MaxNewTokens = 4, Pool = pool }, Token))
        {
            pool.Dispose();
            decoding.Step(20, Token);
        }

        Assert.Equal((0, 0L), (pool.Count, pool.Bytes));
        using var other = models["gemma3"].CreateSequencePool(1 << 28);
        Assert.Throws<ArgumentException>(() => model.Prefill(Text(model, "alpha"), [], new PrefillOptions { MaxNewTokens = 4, Pool = other }, Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.CreateSequencePool(-1));
    }

    [Fact]
    public void A_sequence_that_was_cut_off_is_parked_up_to_its_last_whole_step()
    {
        var model = models.PocketVlm;
        using var pool = model.CreateSequencePool(1 << 28);
        var prompt = Text(model, "alpha beta gamma delta");
        using (var decoding = model.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = 4, Pool = pool }, Token))
        {
            decoding.Step(20, Token);
            Assert.Throws<OperationCanceledException>(() => decoding.Step(21, new CancellationToken(canceled: true)));
        }

        var longer = model.EncodeRendered("<bos>alpha beta gamma delta and much more", [], PositionPolicy.Auto);
        using var whole = model.Prefill(longer, [], 4, Token);
        using var parts = model.Prefill(longer, [], new PrefillOptions { MaxNewTokens = 4, Pool = pool }, Token);
        Assert.InRange(parts.CachedTokens, SequencePool.LeastPrefix, prompt.Length);
        Assert.Equal(TensorPrimitives.IndexOfMax(whole.Logits), TensorPrimitives.IndexOfMax(parts.Logits));
    }

    [Fact]
    public void A_sliding_window_that_has_dropped_nothing_goes_back()
    {
        // 16 visual tokens and a short question: below the 80 rows of the window.
        var model = models["gemma3"];
        var tokens = ZooModels.Encode(model, TestData.PathTo("zoo", "images", "square56.png"));
        var image = new ImageSelection(tokens, [.. Enumerable.Range(0, 16).Select(i => 16 * i)]);
        EncodedPrompt first = model.EncodePrompt(Ask("Where?"), [image]), second = model.EncodePrompt(Ask("What is this, and where is it going to?"), [image]);
        Assert.InRange(first.Length, 20, 70);
        using var pool = model.CreateSequencePool(1 << 28);
        model.Prefill(first, [image], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token).Dispose();
        using var whole = model.Prefill(second, [image], 64, Token);
        using var parts = model.Prefill(second, [image], new PrefillOptions { MaxNewTokens = 64, Pool = pool }, Token);

        Assert.True(parts.CachedTokens > second.VisualIndices[^1]);
        for (var i = 0; i < 64; i++)
        {
            var next = TensorPrimitives.IndexOfMax(whole.Logits);
            Assert.Equal(next, TensorPrimitives.IndexOfMax(parts.Logits));
            whole.Step(next, Token);
            parts.Step(next, Token);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void States_that_hold_all_tokens_in_one_are_gone_on_with_and_never_taken_back(bool countsTokens)
    {
        using var model = DerivedFolder.GenAI("qwen3_vl")
            .Put("model.onnx", StateDecoder(countsTokens))
            .Edit("genai_config.json", c => c["model"]!["type"] = "qwen3_5")
            .Open();
        using var pool = model.CreateSequencePool(1 << 28);
        EncodedPrompt Rendered(string text) => model.EncodeRendered(text, [], PositionPolicy.Auto);
        var (first, longer, other) = (Rendered("one two three four five"), Rendered("one two three four five six seven"), Rendered("one two three four six"));
        Assert.Equal(countsTokens, model.NoPrefixReuseReason is null);
        Assert.True(first.Length >= SequencePool.LeastPrefix && first.InputIds.SequenceEqual(longer.InputIds.Take(first.Length)));
        model.Prefill(first, [], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token).Dispose();

        using (var back = model.Prefill(other, [], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token))
        {
            Assert.Equal(0, back.CachedTokens);
            Assert.Equal(other.Length, TensorPrimitives.IndexOfMax(back.Logits));
        }

        using var on = model.Prefill(longer, [], new PrefillOptions { MaxNewTokens = 1, Pool = pool }, Token);
        Assert.Equal(countsTokens ? first.Length : 0, on.CachedTokens);
        Assert.Equal(longer.Length, TensorPrimitives.IndexOfMax(on.Logits));
    }

    /// <summary>Chooses the number of tokens so far, which it counts in a state: by tokens, or wrongly for runs behind a past.</summary>
    private static TinyGraph StateDecoder(bool countsTokens)
    {
        const int Vocabulary = 498;
        return new TinyGraph()
            .Input("inputs_embeds", TensorElementType.Float, 1, 0, 32)
            .Input("attention_mask", TensorElementType.Int64, 1, 0)
            .Input("position_ids", TensorElementType.Int64, 3, 1, 0)
            .Input("past.0.conv", TensorElementType.Float, 0, 1, 1)
            .Input("past_key_values.1.key", TensorElementType.Float, 1, 1, 0, 1)
            .Input("past_key_values.1.value", TensorElementType.Float, 1, 1, 0, 1)
            .Weight("one", [1f], 1).Weight("factor", [countsTokens ? 1f : 3f], 1)
            .Integers("i_one", 1).Integers("i_two", 2)
            .Node("Shape", ["inputs_embeds"], "shape")
            .Node("Slice", ["shape", "i_one", "i_two"], "length")
            .Node("Cast", ["length"], "tokens", "", TinyGraph.Int("to", 1))
            .Node("Mul", ["past.0.conv", "factor"], "before")
            .Node("Add", ["before", "tokens"], "present.0.conv")
            .Node("Concat", ["i_one", "i_one", "length", "i_one"], "rows", "", TinyGraph.Int("axis", 0))
            .Node("Expand", ["one", "rows"], "new_rows")
            .Node("Concat", ["past_key_values.1.key", "new_rows"], "present.1.key", "", TinyGraph.Int("axis", 2))
            .Node("Concat", ["past_key_values.1.value", "new_rows"], "present.1.value", "", TinyGraph.Int("axis", 2))
            .Output("present.1.key", TensorElementType.Float, 1, 1, 0, 1)
            .Output("present.1.value", TensorElementType.Float, 1, 1, 0, 1)
            .Output("present.0.conv", TensorElementType.Float, 0, 1, 1)
            .Integers("flat", -1).Integers("depth", Vocabulary).Integers("logits_shape", 1, 1, Vocabulary).Weight("off_on", [0f, 1f], 2)
            .Node("Reshape", ["present.0.conv", "flat"], "choice")
            .Node("Cast", ["choice"], "choice_id", "", TinyGraph.Int("to", 7))
            .Node("OneHot", ["choice_id", "depth", "off_on"], "hot")
            .Node("Reshape", ["hot", "logits_shape"], "logits")
            .Output("logits", TensorElementType.Float, 1, 1, Vocabulary);
    }

    private static int Run(VisionLanguageModel model, SequencePool pool, string text)
    {
        using var decoding = model.Prefill(Text(model, text), [], new PrefillOptions { MaxNewTokens = 4, Pool = pool }, Token);
        return decoding.CachedTokens;
    }

    private static EncodedPrompt Text(VisionLanguageModel model, string text) => model.EncodeRendered("<bos>" + text, [], PositionPolicy.Auto);

    private static ImageSelection Half(VisualTokens image) => new(image, [.. Enumerable.Range(0, image.Count / 2).Select(i => 2 * i)]);

    private static ChatPrompt Ask(string text) => new([new ChatTurn("user", [new ImagePart(0), new TextPart(text)])]);
}
