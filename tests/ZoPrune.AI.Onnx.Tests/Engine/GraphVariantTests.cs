using System.Text.Json;
using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Several precisions of a graph side by side: which is opened, and that each of them runs.</summary>
public sealed class GraphVariantTests(ZooModels models) : IClassFixture<ZooModels>
{
    /// <summary>Graphs that are traced for one picture size, which the goldens do not all have.</summary>
    private static readonly string[] s_fixedSize = ["static_opset14", "anyres", "anyres_dynamo"];

    /// <summary>Recorded runs: vision, embedding, decoder.</summary>
    public static TheoryData<string, string, string> Runs { get; } =
        new(Recorded().Select(Suffixes));

    public static TheoryData<string, string> VisionVariants { get; } = new(
        from folder in HuggingFaceGolden.Folders
        from file in Directory.EnumerateFiles(TestData.PathTo("zoo", "hf", folder, "onnx"), "vision_encoder_*.onnx")
            .Order(StringComparer.Ordinal)
        let variant = Path.GetFileNameWithoutExtension(file)["vision_encoder_".Length..]
        where !s_fixedSize.Contains(variant) && !(folder.StartsWith("qwen", StringComparison.Ordinal) && variant == "dynamo")
        select (folder, variant));

    [Theory]
    [MemberData(nameof(Runs))]
    public void Mixed_precisions_generate_the_recorded_ids(string vision, string embedding, string decoder)
    {
        var recorded = Recorded().Single(r => Suffixes(r) == (vision, embedding, decoder));
        var golden = HuggingFaceGolden.Load("llava", recorded.GetProperty("case").GetString()!);
        var model = models.HuggingFace("llava", null, new GraphVariants(Name(vision), Name(embedding), Name(decoder)));
        var picture = TestData.PathTo("zoo", "hf", "images", golden.Images.Single());
        ImageSelection[] images = [ImageSelection.All(ZooModels.Encode(model, picture))];

        var features = recorded.GetProperty("image_features");
        var values = images[0].Image.Tokens.Embeddings.Values.ToArray();
        var indices = Golden.Ints(features.GetProperty("indices"));
        var expected = features.GetProperty("values").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        for (var i = 0; i < indices.Length; i++)
        {
            // The zoo's tolerances: 1e-4 in float32, 0.05 in float16. The same graph was recorded, so 8 and 4 bits are as exact as float32.
            Assert.Equal(expected[i], values[indices[i]], vision.Contains("fp16", StringComparison.Ordinal) ? 0.05 : 1e-4);
        }

        var greedy = Golden.Ints(recorded.GetProperty("greedy_ort"));
        Assert.Equal(greedy, Generate.Ids(model, model.EncodePrompt(golden.Prompt, images), images, greedy.Length, Generate.Greedy, Generate.NoEnd));
    }

    [Theory]
    [MemberData(nameof(VisionVariants))]
    public void Every_vision_graph_gives_features_close_to_full_precision(string folder, string variant)
    {
        var picture = TestData.PathTo("zoo", "hf", "images", "square64.png");
        var full = ZooModels.Encode(models.HuggingFace(folder, false), picture).Tokens.Embeddings;
        var other = ZooModels.Encode(models.HuggingFace(folder, false, new GraphVariants(Vision: variant)), picture).Tokens.Embeddings;

        Assert.Equal((full.Rows, full.Width), (other.Rows, other.Width));
        double error = 0, norm = 0;
        for (var i = 0; i < full.Values.Length; i++)
        {
            error += Math.Pow(full.Values.Span[i] - other.Values.Span[i], 2);
            norm += Math.Pow(full.Values.Span[i], 2);
        }

        // Relative to the features' own norm.
        // Other exports of the same float32 numbers: rounding alone, 2^-24 a product, in some layers.
        // float16: 2^-11 a value, ten or so values deep.
        // 8 bits: half a step of 2 / 255 of the range in weights and activations of each layer; recorded for llava: 0.054.
        // 4 bits: a step is an eighth of the largest of 32 weights, which is 2.4 standard deviations of normal ones, so rounding adds
        // 2.4 / 8 / sqrt(12) = 0.087 of a product's norm, and two layers of six products with a projector of two add sqrt(14) of that,
        // 0.33; recorded for llava: 0.324. Twice as much is allowed; unrelated features are sqrt(2) apart.
        var bound = variant switch
        {
            _ when variant.StartsWith("fp16", StringComparison.Ordinal) => 0.01,
            "quantized" or "int8" => 0.1,
            "q4" => 2 * 0.087 * Math.Sqrt(14),
            _ => 1e-4,
        };
        Assert.InRange(Math.Sqrt(error / norm), 0, bound);
    }

    [Theory]
    [InlineData(null, null, "")]
    [InlineData("fp32", null, "")]
    [InlineData("fp16", null, "_fp16")]
    [InlineData("q8", null, "_quantized")]
    [InlineData("quantized", null, "_quantized")]
    [InlineData("fused", null, "_fused")]
    [InlineData(null, "\"q4\"", "_q4")]
    [InlineData(null, "{\"vision_encoder\":\"fp16\",\"embed_tokens\":\"fp16\"}", "_fp16")]
    [InlineData(null, "{\"embed_tokens\":\"fp16\"}", "")]
    [InlineData(null, "\"bnb4\"", "")]
    [InlineData("q4", "\"fp16\"", "_q4")]
    public void The_graph_is_what_is_asked_for_else_configured_else_the_best(string? wanted, string? dtype, string suffix)
    {
        var folder = DerivedFolder.HuggingFace("llava");
        if (dtype is not null)
        {
            folder.Edit("config.json", c => c["transformers.js_config"] = new JsonObject { ["dtype"] = JsonNode.Parse(dtype) });
        }

        var opened = ModelFolder.Open(folder.FullPath, new GraphVariants(Vision: wanted));

        Assert.Equal($"vision_encoder{suffix}.onnx", Path.GetFileName(opened.Vision.File));
    }

    [Fact]
    public void Without_full_precision_the_order_is_that_of_the_specification()
    {
        // Specification 0.5: decoder q4, then 8 bits; vision 8 bits, then q4; embeddings 8 bits, then float16.
        // Convolutions of int8, then float16 come last.
        var folder = DerivedFolder.HuggingFace("llava")
            .Delete("onnx/vision_encoder.onnx", "onnx/embed_tokens.onnx", "onnx/decoder_model_merged.onnx");

        AssertOpens("vision_encoder_quantized.onnx", "embed_tokens_fp16.onnx", "decoder_model_merged_q4.onnx");
        folder.Delete("onnx/vision_encoder_quantized.onnx", "onnx/decoder_model_merged_q4.onnx");
        AssertOpens("vision_encoder_q4.onnx", "embed_tokens_fp16.onnx", "decoder_model_merged_quantized.onnx");
        folder.Delete("onnx/vision_encoder_q4.onnx");
        AssertOpens("vision_encoder_int8.onnx", "embed_tokens_fp16.onnx", "decoder_model_merged_quantized.onnx");
        folder.Delete("onnx/vision_encoder_int8.onnx");
        AssertOpens("vision_encoder_fp16.onnx", "embed_tokens_fp16.onnx", "decoder_model_merged_quantized.onnx");

        void AssertOpens(params string[] files)
        {
            var opened = ModelFolder.Open(folder.FullPath);
            Assert.Equal(files, new[] { opened.Vision, opened.Embedding, opened.Decoder }.Select(s => Path.GetFileName(s.File)));
        }
    }

    [Fact]
    public void A_variant_that_is_no_part_of_a_file_name_is_an_error()
    {
        var exception = Assert.Throws<ModelFolderException>(
            () => ModelFolder.Open(TestData.PathTo("zoo", "hf", "llava"), GraphVariants.All("../vision_encoder")));

        Assert.Contains("'../vision_encoder'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variant_that_is_not_there_is_an_error_that_lists_what_is()
    {
        var options = new VisionLanguageModelOptions { Variants = GraphVariants.All("q4f16") };

        var exception = Assert.Throws<ModelFolderException>(() => VisionLanguageModel.Load(TestData.PathTo("zoo", "hf", "llava"), options));

        Assert.Contains("'q4f16'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("vision_encoder.onnx", exception.Message, StringComparison.Ordinal);
        Assert.Contains("vision_encoder_q4.onnx", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_that_is_missing_altogether_is_an_error_that_names_all_three()
    {
        var folder = DerivedFolder.HuggingFace("paligemma").Delete("onnx/embed_tokens.onnx");

        var exception = Assert.Throws<ModelFolderException>(() => VisionLanguageModel.Load(folder.FullPath));

        Assert.Contains("vision_encoder, embed_tokens and decoder_model_merged", exception.Message, StringComparison.Ordinal);
    }

    private static (string Vision, string Embedding, string Decoder) Suffixes(JsonElement run) => (
        run.GetProperty("vision_encoder").GetString()!,
        run.GetProperty("embed_tokens").GetString()!,
        run.GetProperty("decoder_model_merged").GetString()!);

    private static string Name(string suffix) => suffix.Length == 0 ? "fp32" : suffix[1..];

    private static List<JsonElement> Recorded()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "hf", "llava", "variants.json")));
        return [.. document.RootElement.GetProperty("runs").Clone().EnumerateArray()];
    }
}
