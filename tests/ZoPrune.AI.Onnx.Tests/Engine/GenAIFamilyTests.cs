using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Tests.Graphs;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>
/// Families and graphs of GenAI's layout that the zoo has no folder of: a folder of the zoo, changed, with tiny graphs where the real ones
/// differ. What it must give is what the unchanged folder's goldens say, or is derived by hand from the specification.
/// </summary>
public sealed class GenAIFamilyTests
{
    private const int QwenVocabulary = 498;
    private const int GemmaVocabulary = 735;
    private const int Soft = 734;
    private const int Begin = 732;
    private const int End = 733;
    private const int TwoNewlines = 10;

    [Theory]
    [InlineData("qwen3_5")]
    [InlineData("qwen3_5_moe")]
    public void Qwen_3_5_reads_images_and_prompts_as_Qwen_3_does(string type)
    {
        using var model = DerivedFolder.GenAI("qwen3_vl").Edit("genai_config.json", c => c["model"]!["type"] = type).Open();
        foreach (var name in (string[])["square", "wide", "two_sizes_small_first", "image_multi_turn", "text_only", "system_prompt"])
        {
            MeetsGolden(model, Golden.Load("qwen3_vl", name));
        }
    }

    [Theory]
    [InlineData("past.%d.conv", "present.%d.conv", "past.%d.recurrent", "present.%d.recurrent", false)]
    [InlineData(
        "past_key_values.%d.conv_state",
        "present.%d.conv_state",
        "past_key_values.%d.recurrent_state",
        "present.%d.recurrent_state",
        false)]
    [InlineData("past_conv.%d", "present_conv.%d", "past_recurrent.%d", "present_recurrent.%d", false)]
    [InlineData("in.%d.c", "out.%d.c", "in.%d.r", "out.%d.r", true)]
    public void States_of_linear_attention_start_at_zero_and_are_carried(
        string conv, string nextConv, string state, string nextState, bool isConfigured)
    {
        // The tiny decoder adds the step's tokens to a 'convolution' and doubles a 'recurrent state' plus 1; keys and values grow by a
        // row a token. It chooses the token: convolution + 50 * state + rows of the past.
        var folder = DerivedFolder.GenAI("qwen3_vl")
            .Put("model.onnx", StateDecoder(Name(conv, 0), Name(nextConv, 0), Name(state, 2), Name(nextState, 2)))
            .Edit("genai_config.json", c =>
            {
                c["model"]!["type"] = "qwen3_5";
                if (isConfigured)
                {
                    var decoder = c["model"]!["decoder"]!;
                    decoder["inputs"]!["past_conv_names"] = conv;
                    decoder["inputs"]!["past_recurrent_names"] = state;
                    decoder["outputs"]!["present_conv_names"] = nextConv;
                    decoder["outputs"]!["present_recurrent_names"] = nextState;
                }
            });
        using var model = folder.Open();
        var prompt = model.EncodePrompt(new ChatPrompt([new ChatTurn("user", [new TextPart("Hi")])]), []);
        var s = prompt.Length;
        Assert.InRange(s, 2, 60);
        int[] expected = [s + (50 * 1), s + 1 + (50 * 3) + s, s + 2 + (50 * 7) + s + 1];

        // A second sequence starts at zero again.
        Assert.Equal(expected, Generate.Ids(model, prompt, [], 3, Generate.Greedy, Generate.NoEnd));
        Assert.Equal(expected, Generate.Ids(model, prompt, [], 3, Generate.Greedy, Generate.NoEnd));

        static string Name(string template, int layer) =>
            template.Replace("%d", layer.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TensorElementType.Int64, false)]
    [InlineData(TensorElementType.Int32, false)]
    [InlineData(TensorElementType.Int64, true)]
    public void Gemma_4_gives_its_graph_the_patches_that_there_are(TensorElementType positions, bool hasBatch)
    {
        // 20 tokens of 9 patches of 16 pixels: 46080 pixels. 120 x 60 grows by sqrt(46080 / 7200) = 2.53 to 303 x 151, which holds 6 x 3
        // blocks of 48 pixels; 56 x 56 by 3.83 to 214 x 214: 4 x 4; 50 x 110 by 2.89 to 144.7 x 318.4: 3 x 6.
        using var model = DerivedFamilies.Gemma4(DerivedFamilies.Gemma4Vision(positions, hasBatch)).Open();
        foreach (var (picture, rows, columns) in new[] { ("wide120x60.png", 3, 6), ("square56.png", 4, 4), ("tall50x110.png", 6, 3) })
        {
            var processed = Process(model, picture);
            var tokens = model.EncodeImage(processed, TestContext.Current.CancellationToken);

            Assert.Equal(rows * columns, tokens.Count);
            Assert.Equal((rows, columns), (tokens.Tokens.Grid!.Rows, tokens.Tokens.Grid.Columns));

            // The tiny graph: the mean over nine patches in a row, of the first 32 values of a patch plus its column.
            var pixels = processed.Inputs["pixel_values"].Singles.ToArray();
            for (var token = 0; token < tokens.Count; token++)
            {
                var patches = Enumerable.Range(9 * token, 9).ToArray();
                var expected = patches.Average(p => pixels[(p * 768) + 5] + (double)(p % (3 * columns)));
                Assert.Equal(expected, tokens.Tokens.Embeddings.Row(token)[5], 1e-4);
            }
        }
    }

    [Fact]
    public void Gemma_4_places_images_at_begin_markers_else_at_soft_tokens_else_in_front()
    {
        using var model = DerivedFamilies.Gemma4(DerivedFamilies.Gemma4Vision(TensorElementType.Int64, hasBatch: false)).Open();
        ImageSelection[] images = [Select(model, "wide120x60.png"), Select(model, "square56.png")];
        int[] wide = [TwoNewlines, Begin, .. Enumerable.Repeat(Soft, 18), End, TwoNewlines];
        int[] square = [TwoNewlines, Begin, .. Enumerable.Repeat(Soft, 16), End, TwoNewlines];
        int[] Text(string text) => model.Tokenizer.Encode([PromptSegment.Template(text)]).Ids;

        // Each image has its own count (specification 13).
        int[] expected = [.. Text("A"), .. wide, .. Text("B"), .. square, .. Text("C")];
        Assert.Equal(expected, model.EncodeRendered("A<|image>B<|image>C", images, PositionPolicy.Auto).InputIds);
        Assert.Equal(expected, model.EncodeRendered("A<|image|>B<|image|>C", images, PositionPolicy.Auto).InputIds);

        // Neither: the markers go to the front, with a space behind each (specification 3.5).
        Assert.Equal(
            [.. wide, .. Text(" "), .. square, .. Text(" A")],
            model.EncodeRendered("A", images, PositionPolicy.Auto).InputIds);
        Assert.Throws<ChatTemplateException>(() => model.EncodeRendered("A<|image>", images, PositionPolicy.Auto));
        Assert.Throws<ChatTemplateException>(() => model.EncodeRendered("A<|image><|image><|image>", images, PositionPolicy.Auto));

        // A user's marker is text.
        var prompt = model.EncodePrompt(
            new ChatPrompt([new ChatTurn("user", [new ImagePart(0), new TextPart("<|image> and <|image|>"), new ImagePart(1)])]), images);
        Assert.Equal(34, prompt.InputIds.Count(id => id == Soft));
        Assert.Equal(4, Generate.Ids(model, prompt, images, 4, Generate.Greedy, Generate.NoEnd).Count);
    }

    [Fact]
    public void Gemma_4_without_a_template_writes_turns_and_soft_tokens()
    {
        using var model = DerivedFamilies.Gemma4(DerivedFamilies.Gemma4Vision(TensorElementType.Int64, hasBatch: false))
            .Edit("tokenizer_config.json", c => c.Remove("chat_template"))
            .Open();
        var image = Select(model, "square56.png");

        var prompt = model.EncodePrompt(new ChatPrompt([new ChatTurn("user", [new ImagePart(0), new TextPart("What?")])]), [image]);

        Assert.Equal(
            model.EncodeRendered("<bos><|turn>user\n<|image|>What?<turn|>\n<|turn>model\n", [image], PositionPolicy.Auto).InputIds,
            prompt.InputIds);
        Assert.Equal(16, prompt.VisualTokens);
    }

    [Fact]
    public void Gemma_4_decoders_get_ids_and_the_embeddings_of_their_layers()
    {
        // The embedding graph gives the id of a token as its 'layer embedding'; the tiny decoder chooses id + layer embedding + 1, modulo
        // the vocabulary.
        var folder = DerivedFamilies.Gemma4(DerivedFamilies.Gemma4Vision(TensorElementType.Int64, hasBatch: false))
            .Graph("embedding.onnx", g => g.Output("per_layer", TensorElementType.Float, 1, 0, 1)
                .Integers("t_last", 2)
                .Node("Cast", ["input_ids"], "t_float", "", TinyGraph.Int("to", 1))
                .Node("Unsqueeze", ["t_float", "t_last"], "per_layer"))
            .Put("model.onnx", LayerDecoder())
            .Edit("genai_config.json", c =>
            {
                var model = c["model"]!;
                model["embedding"]!["outputs"]!["per_layer_inputs"] = "per_layer";
                model["decoder"]!["inputs"]!["per_layer_inputs"] = "layers";
                model["decoder"]!["inputs"]!["input_ids"] = "ids";
            });
        using var model = folder.Open();
        var prompt = model.EncodeRendered("<bos>hello", [], PositionPolicy.Auto);

        var ids = Generate.Ids(model, prompt, [], 4, Generate.Greedy, Generate.NoEnd);

        var last = prompt.InputIds[^1];
        foreach (var id in ids)
        {
            last = ((2 * last) + 1) % GemmaVocabulary;
            Assert.Equal(last, id);
        }
    }

    [Fact]
    public void VideoChat_Flash_calls_its_tensors_otherwise_and_gives_64_tokens()
    {
        using var model = DerivedFamilies.VideoChat().Open();
        var processed = Process(model, "wide120x60.png");
        var tokens = model.EncodeImage(processed, TestContext.Current.CancellationToken);

        // The tiny graph: token i is three times pixel i, channel by channel, in its first three values.
        Assert.Equal(64, tokens.Count);
        Assert.Null(tokens.Tokens.Grid);
        var pixels = processed.Inputs["pixel_values"].Singles.ToArray();
        for (var token = 0; token < 64; token++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                Assert.Equal(3 * pixels[(64 * channel) + token], tokens.Tokens.Embeddings.Row(token)[channel], 1e-5f);
            }
        }

        ImageSelection[] images = [ImageSelection.All(tokens), ImageSelection.All(tokens)];
        const string Marker = "<|vision_start|><|image_pad|><|vision_end|>";
        var prompt = model.EncodeRendered($"{Marker}a{Marker}b", images, PositionPolicy.Auto);
        int[] Text(string text) => model.Tokenizer.Encode([PromptSegment.Template(text)]).Ids;
        int[] image = [485, .. Enumerable.Repeat(488, 64), 486];
        Assert.Equal([.. image, .. Text("a"), .. image, .. Text("b")], prompt.InputIds);

        // Positions are plain, although the tokens are a square number.
        Assert.Equal(1, prompt.PositionAxes);
        Assert.Equal(Enumerable.Range(0, prompt.Length).Select(i => (long)i), prompt.Positions);
        Assert.Equal(4, Generate.Ids(model, prompt, images, 4, Generate.Greedy, Generate.NoEnd).Count);
        Assert.Throws<ChatTemplateException>(() => model.EncodeRendered("<|vision_start|><|vision_end|>", images, PositionPolicy.Auto));
    }

    [Fact]
    public void Weights_that_a_decoder_lets_one_override_are_left_alone()
    {
        // Specification 2.4: phi4mm's LoRA weights are inputs with a value of their own.
        var name = "";
        var folder = DerivedFolder.GenAI("phi4mm").Graph("model.onnx", g => g.MakeOverridable(out name));
        Assert.NotEmpty(name);
        using var model = folder.Open();
        foreach (var golden in (string[])["square", "text_only"])
        {
            MeetsGolden(model, Golden.Load("phi4mm", golden));
        }
    }

    private static TinyGraph StateDecoder(string conv, string nextConv, string state, string nextState) => OneHot(
        new TinyGraph()
            .Input("inputs_embeds", TensorElementType.Float, 1, 0, 32)
            .Input("attention_mask", TensorElementType.Int64, 1, 0)
            .Input("position_ids", TensorElementType.Int64, 3, 1, 0)
            .Input("past_key_values.1.key", TensorElementType.Float, 1, 1, 0, 1)
            .Input("past_key_values.1.value", TensorElementType.Float, 1, 1, 0, 1)
            .Input(conv, TensorElementType.Float, 0, 1, 1)
            .Input(state, TensorElementType.Float, 0, 1, 1, 1)
            .Weight("one", [1f], 1).Weight("two", [2f], 1).Weight("fifty", [50f], 1)
            .Integers("i_one", 1).Integers("i_two", 2).Integers("i_three", 3).Integers("flat", -1)
            .Node("Shape", ["inputs_embeds"], "shape")
            .Node("Slice", ["shape", "i_one", "i_two"], "length")
            .Node("Cast", ["length"], "tokens", "", TinyGraph.Int("to", 1))
            .Node("Add", [conv, "tokens"], nextConv)
            .Node("Mul", [state, "two"], "doubled")
            .Node("Add", ["doubled", "one"], nextState)
            .Node("Concat", ["i_one", "i_one", "length", "i_one"], "rows", "", TinyGraph.Int("axis", 0))
            .Node("Expand", ["one", "rows"], "new_rows")
            .Node("Concat", ["past_key_values.1.key", "new_rows"], "present.1.key", "", TinyGraph.Int("axis", 2))
            .Node("Concat", ["past_key_values.1.value", "new_rows"], "present.1.value", "", TinyGraph.Int("axis", 2))
            .Node("Shape", ["past_key_values.1.key"], "past_shape")
            .Node("Slice", ["past_shape", "i_two", "i_three"], "past_length")
            .Node("Cast", ["past_length"], "past_tokens", "", TinyGraph.Int("to", 1))
            .Node("Reshape", [nextConv, "flat"], "flat_conv")
            .Node("Reshape", [nextState, "flat"], "flat_state")
            .Node("Mul", ["flat_state", "fifty"], "weighted")
            .Node("Add", ["flat_conv", "weighted"], "states")
            .Node("Add", ["states", "past_tokens"], "choice")
            .Output("present.1.key", TensorElementType.Float, 1, 1, 0, 1)
            .Output("present.1.value", TensorElementType.Float, 1, 1, 0, 1)
            .Output(nextConv, TensorElementType.Float, 0, 1, 1)
            .Output(nextState, TensorElementType.Float, 0, 1, 1, 1),
        QwenVocabulary);

    private static TinyGraph LayerDecoder() => OneHot(
        new TinyGraph()
            .Input("inputs_embeds", TensorElementType.Float, 1, 0, 32)
            .Input("attention_mask", TensorElementType.Int64, 1, 0)
            .Input("ids", TensorElementType.Int64, 1, 0)
            .Input("layers", TensorElementType.Float, 1, 0, 1)
            .Input("past_key_values.0.key", TensorElementType.Float, 1, 2, 0, 16)
            .Input("past_key_values.0.value", TensorElementType.Float, 1, 2, 0, 16)
            .Weight("one", [1f], 1).Weight("vocabulary", [GemmaVocabulary], 1)
            .Integers("flat", -1).Integers("from", -1).Integers("to", long.MaxValue).Integers("axis", 0)
            .Node("Identity", ["past_key_values.0.key"], "present.0.key")
            .Node("Identity", ["past_key_values.0.value"], "present.0.value")
            .Node("Cast", ["ids"], "numbers", "", TinyGraph.Int("to", 1))
            .Node("Reshape", ["numbers", "flat"], "flat_ids")
            .Node("Reshape", ["layers", "flat"], "flat_layers")
            .Node("Add", ["flat_ids", "flat_layers"], "sum")
            .Node("Slice", ["sum", "from", "to", "axis"], "last")
            .Node("Add", ["last", "one"], "next")
            .Node("Mod", ["next", "vocabulary"], "choice", "", TinyGraph.Int("fmod", 1))
            .Output("present.0.key", TensorElementType.Float, 1, 2, 0, 16)
            .Output("present.0.value", TensorElementType.Float, 1, 2, 0, 16),
        GemmaVocabulary);

    /// <summary>Logits [1, 1, vocabulary] that are 1 at the <c>choice</c> and 0 elsewhere.</summary>
    private static TinyGraph OneHot(TinyGraph graph, int vocabulary) => graph
        .Integers("depth", vocabulary)
        .Integers("logits_shape", 1, 1, vocabulary)
        .Weight("off_on", [0f, 1f], 2)
        .Node("Cast", ["choice"], "choice_id", "", TinyGraph.Int("to", 7))
        .Node("OneHot", ["choice_id", "depth", "off_on"], "hot")
        .Node("Reshape", ["hot", "logits_shape"], "logits")
        .Output("logits", TensorElementType.Float, 1, 1, vocabulary);

    private static void MeetsGolden(VisionLanguageModel model, Golden golden)
    {
        List<ImageSelection> images = [.. golden.Images.Select(i => Select(model, i, golden.Images.Count))];
        var prompt = model.EncodeRendered(golden.Prompt, images, PositionPolicy.Auto);
        Assert.Equal(golden.InputIds, prompt.InputIds);
        var eos = golden.EosTokenIds(model.EosTokenIds);
        Assert.Equal(golden.GeneratedIds, Generate.Ids(model, prompt, images, golden.GeneratedIds.Length, eos: eos));
    }

    private static ProcessedImage Process(VisionLanguageModel model, string picture) => model.ProcessImage(
        ImageDecoder.Decode(File.ReadAllBytes(Picture(picture)), new ImageLimits(), picture, model.ImageDecoding));

    private static ImageSelection Select(VisionLanguageModel model, string picture, int imagesInPrompt = 1) =>
        ImageSelection.All(ZooModels.Encode(model, Picture(picture), imagesInPrompt));

    private static string Picture(string name) => TestData.PathTo("zoo", "images", name);
}
