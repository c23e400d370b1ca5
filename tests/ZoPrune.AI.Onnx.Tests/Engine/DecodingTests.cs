using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

public sealed class DecodingTests(ZooModels models) : IClassFixture<ZooModels>
{
    [Theory]
    [InlineData("gemma3")]
    [InlineData("gemma3-rank3")]
    public void A_small_KV_cache_grows_without_changing_a_token(string folder)
    {
        // 300 new tokens: beyond the first capacity, and far beyond the window of the sliding layers.
        var model = models[folder];
        var image = ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("zoo", "images", "square56.png")));
        var prompt = model.EncodePrompt(Question("Describe the image."), [image]);

        var small = Generate.Ids(model, prompt, [image], 300, eos: [-1]);
        using var decoding = model.Prefill(prompt, [image], 1, TestContext.Current.CancellationToken);
        var stepped = new List<int>();
        for (var i = 0; i < 300; i++)
        {
            stepped.Add(System.Numerics.Tensors.TensorPrimitives.IndexOfMax(decoding.Logits));
            decoding.Step(stepped[^1], TestContext.Current.CancellationToken);
        }

        Assert.Equal(small, stepped);
    }

    [Fact]
    public void Prefill_in_one_go_and_token_by_token_agree()
    {
        var model = models.PocketVlm;
        var image = ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", "images", "001.png")));
        var prompt = model.EncodePrompt(Question("Describe the image."), [image]);
        using var decoding = model.Prefill(prompt, [image], 8, TestContext.Current.CancellationToken);
        var first = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(decoding.Logits);
        decoding.Step(first, TestContext.Current.CancellationToken);
        var stepped = decoding.Logits.ToArray();

        var longer = model.EncodeRendered(
            "<bos><start_of_turn>user\n<start_of_image>Describe the image.<end_of_turn>\n<start_of_turn>model\n" + model.Tokenizer.Decode([first]), [image], PositionPolicy.Auto);
        using var whole = model.Prefill(longer, [image], 8, TestContext.Current.CancellationToken);

        Assert.Equal(prompt.Length + 1, longer.Length);
        for (var i = 0; i < stepped.Length; i++)
        {
            Assert.Equal(whole.Logits[i], stepped[i], 1e-3f);
        }
    }

    [Fact]
    public async Task Concurrent_sequences_equal_serial_ones()
    {
        var model = models.PocketVlm;
        var image = ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", "images", "003.png")));
        string[] questions = ["What number is on the tag?", "Where is the sandal?", "What is in this image?", "Is there a boot?"];
        var serial = questions.Select(q => Generate.Ids(model, model.EncodePrompt(Question(q), [image]), [image], 48)).ToArray();

        var concurrent = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            () => Generate.Ids(model, model.EncodePrompt(Question(questions[i % 4]), [image]), [image], 48))));

        for (var i = 0; i < concurrent.Length; i++)
        {
            Assert.Equal(serial[i % 4], concurrent[i]);
        }
    }

    [Fact]
    public void Cancelled_stages_throw_and_a_cancelled_sequence_refuses_to_go_on()
    {
        var model = models.PocketVlm;
        var image = ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", "images", "001.png")));
        var prompt = model.EncodePrompt(Question("Describe the image."), [image]);
        var cancelled = new CancellationToken(canceled: true);
        using var decoding = model.Prefill(prompt, [image], 8, TestContext.Current.CancellationToken);

        Assert.Throws<OperationCanceledException>(() => model.Prefill(prompt, [image], 8, cancelled));
        Assert.Throws<OperationCanceledException>(() => decoding.Step(5, cancelled));
        Assert.Throws<InvalidOperationException>(() => decoding.Step(5, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Original_positions_are_refused_where_the_decoder_takes_none()
    {
        var model = models["gemma3"];
        var tokens = ZooModels.Encode(model, TestData.PathTo("zoo", "images", "square56.png"));
        var pruned = new ImageSelection(tokens, [3, 9]);

        Assert.False(model.SupportsOriginalPositions);
        Assert.Throws<NotSupportedException>(() => model.EncodePrompt(Question("What?"), [pruned], PositionPolicy.Original));
        Assert.Equal(PositionPolicy.Compact, model.EncodePrompt(Question("What?"), [pruned]).Policy);
    }

    [Fact]
    public void Original_positions_keep_gaps_and_compact_ones_close_them()
    {
        var model = models.PocketVlm;
        var tokens = ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", "images", "001.png"));
        var all = model.EncodePrompt(Question("Where?"), [ImageSelection.All(tokens)]);
        var pruned = new ImageSelection(tokens, [0, 10, 255]);

        var original = model.EncodePrompt(Question("Where?"), [pruned], PositionPolicy.Original);
        var compact = model.EncodePrompt(Question("Where?"), [pruned], PositionPolicy.Compact);

        var start = all.InputIds.ToList().IndexOf(7);
        Assert.Equal([start, start + 10L, start + 255L], original.Positions.Skip(start).Take(3));
        Assert.Equal(all.NextPosition, original.NextPosition);
        Assert.Equal(all.Length - 253, original.Length);
        Assert.Equal(Enumerable.Range(0, compact.Length).Select(i => (long)i), compact.Positions);
        Assert.Equal(original.InputIds, compact.InputIds);
    }

    [Fact]
    public void Selections_of_another_prompt_are_refused()
    {
        var model = models.PocketVlm;
        var tokens = ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", "images", "001.png"));
        var prompt = model.EncodePrompt(Question("Where?"), [new ImageSelection(tokens, [1, 2])]);

        Assert.Throws<ArgumentException>(() => model.Prefill(prompt, [ImageSelection.All(tokens)], 4, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => new ImageSelection(tokens, [2, 1]));
        Assert.Throws<ArgumentException>(() => new ImageSelection(tokens, [256]));
    }

    [Fact]
    public void Image_parts_out_of_order_and_missing_selections_are_refused()
    {
        var model = models.PocketVlm;
        var image = ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", "images", "001.png")));

        Assert.Throws<ArgumentException>(() => model.EncodePrompt(Show(5), [image]));
        Assert.Throws<ArgumentException>(() => model.EncodePrompt(Show(1, 0), [image, image]));
        Assert.Throws<ArgumentException>(() => model.EncodePrompt(Show(0, 0), [image]));
        Assert.Throws<ArgumentException>(() => model.EncodePrompt(Show(0), [image, image]));
        Assert.Throws<ArgumentException>(() => model.EncodePrompt(Show(0), [null!]));
        Assert.Equal(512, model.EncodePrompt(Show(0, 1), [image, image]).VisualTokens);

        static ChatPrompt Show(params int[] images) => new([new ChatTurn("user", [.. images.Select(i => new ImagePart(i))])]);
    }

    [Fact]
    public void Tokens_that_cannot_be_part_of_an_answer_are_refused()
    {
        var model = models.PocketVlm;
        using var decoding = model.Prefill(model.EncodeRendered("<bos>hello", [], PositionPolicy.Auto), [], 4, TestContext.Current.CancellationToken);
        var placeholder = model.Tokenizer.IdOf("<image_soft_token>")!.Value;

        Assert.Throws<ArgumentOutOfRangeException>(() => decoding.Step(-1, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => decoding.Step(456, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => decoding.Step(placeholder, TestContext.Current.CancellationToken));
        decoding.Step(20, TestContext.Current.CancellationToken);
        Assert.Equal(20, decoding.Sequence[^1]);
    }

    [Fact]
    public void Use_after_disposal_says_so()
    {
        var model = VisionLanguageModel.Load(ZooModels.PocketVlmFolder);
        var picture = TestData.PathTo("pocket-vlm", "eval", "images", "001.png");
        var image = ImageSelection.All(ZooModels.Encode(model, picture));
        var prompt = model.EncodePrompt(Question("Where?"), [image]);
        var decoding = model.Prefill(prompt, [image], 4, TestContext.Current.CancellationToken);
        decoding.Dispose();
        Assert.Throws<ObjectDisposedException>(() => decoding.Step(20, TestContext.Current.CancellationToken));

        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => ZooModels.Encode(model, picture));
        Assert.Throws<ObjectDisposedException>(() => model.Prefill(prompt, [image], 4, TestContext.Current.CancellationToken));
    }

    private static ChatPrompt Question(string text) => new([new ChatTurn("user", [new ImagePart(0), new TextPart(text)])]);
}
