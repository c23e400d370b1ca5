using System.Text.Json.Nodes;
using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.SyntheticVlm.Layers;
using ZoPrune.AI.SyntheticVlm.Weights;

namespace ZoPrune.AI.SyntheticVlm.Folders;

/// <summary>
/// LLaVA-NeXT in the transformers.js layout. GenAI has no such type, and those of its types that cut pictures fix the tokens of a crop at
/// other numbers: 144 in phi3v, 256 in phi4mm.
/// </summary>
/// <param name="plan">What is written.</param>
/// <param name="folder">The folder.</param>
internal sealed class LlavaNextFolder(ModelPlan plan, OutputFolder folder) : ModelFolderWriter(plan, folder)
{
    private const string DataSuffix = "_data";
    private const int ImageSize = 336;
    private const int PatchSize = 14;

    /// <summary>Four crops in a square, beside the whole picture in small.</summary>
    private const int CanvasSize = 2 * ImageSize;

    private const string Expression = @"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    protected override void WriteGraphs(ParameterCounts counts)
    {
        var width = Plan.Size.Decoder.Width;
        WriteGraph("vision", "onnx/vision_encoder.onnx", DataSuffix, counts, graph =>
            new ClipVisionGraph(graph, Plan.Size.Vision, ImageSize, PatchSize, width).Write(isFlat: false));
        WriteGraph("embedding", "onnx/embed_tokens.onnx", DataSuffix, counts, graph =>
            EmbeddingGraph.WriteLookup(graph, Plan.Vocabulary, width));
        var decoder = Plan.Precision == WeightPrecision.Int4 ? "onnx/decoder_model_merged_q4.onnx" : "onnx/decoder_model_merged.onnx";
        WriteGraph("decoder", decoder, DataSuffix, counts, graph => new DecoderGraph(graph, Plan).Write());
        WriteFile("image_newline.npy", file => NpyFile.Write(file, Newline(width)));
        counts.Add("newline", width);
    }

    protected override void WriteDescriptions()
    {
        var decoder = Plan.Size.Decoder;
        var kind = Plan.Kind;
        WriteJson("config.json", new JsonObject
        {
            ["model_type"] = "llava_next",
            ["architectures"] = new JsonArray("LlavaNextForConditionalGeneration"),
            ["image_token_index"] = kind.IdOf("<image>"),
            ["image_grid_pinpoints"] = Pinpoints(),
            ["text_config"] = new JsonObject
            {
                ["model_type"] = "llama",
                ["vocab_size"] = Plan.Vocabulary,
                ["hidden_size"] = decoder.Width,
                ["intermediate_size"] = decoder.Inner,
                ["num_hidden_layers"] = decoder.Layers,
                ["num_attention_heads"] = decoder.Heads,
                ["num_key_value_heads"] = decoder.KeyValueHeads,
                ["head_dim"] = decoder.HeadSize,
                ["max_position_embeddings"] = kind.ContextLength,
            },
            ["vision_config"] = new JsonObject
            {
                ["model_type"] = "clip_vision_model",
                ["hidden_size"] = Plan.Size.Vision.Width,
                ["num_hidden_layers"] = Plan.Size.Vision.Layers,
                ["image_size"] = ImageSize,
                ["patch_size"] = PatchSize,
            },
            ["transformers.js_config"] = new JsonObject
            {
                ["dtype"] = new JsonObject { ["decoder_model_merged"] = Plan.Precision == WeightPrecision.Int4 ? "q4" : "fp32" },
            },
        });
        WriteJson("generation_config.json", new JsonObject
        {
            ["bos_token_id"] = kind.IdOf("<s>"), ["eos_token_id"] = kind.IdOf("</s>"), ["pad_token_id"] = kind.IdOf("<pad>"),
        });
        WriteJson("preprocessor_config.json", new JsonObject
        {
            ["image_processor_type"] = "LlavaNextImageProcessor",
            ["processor_class"] = "LlavaNextProcessor",
            ["size"] = new JsonObject { ["shortest_edge"] = ImageSize },
            ["crop_size"] = new JsonObject { ["height"] = ImageSize, ["width"] = ImageSize },
            ["image_grid_pinpoints"] = Pinpoints(),
            ["do_convert_rgb"] = true,
            ["do_resize"] = true,
            ["do_center_crop"] = true,
            ["do_pad"] = true,
            ["resample"] = 3,
            ["do_rescale"] = true,
            ["rescale_factor"] = 1 / 255.0,
            ["do_normalize"] = true,
            ["image_mean"] = Array(PixelMean),
            ["image_std"] = Array(PixelDeviation),
        });
        WriteJson("processor_config.json", new JsonObject
        {
            ["processor_class"] = "LlavaNextProcessor",
            ["patch_size"] = PatchSize,
            ["num_additional_image_tokens"] = 1,
            ["vision_feature_select_strategy"] = "default",
            ["image_token"] = "<image>",
        });
        WriteTokenizer(Expression, "PreTrainedTokenizerFast", "</s>", "<pad>", "llava");
    }

    /// <summary>The learned row behind every row of the map, which graphs of this layout do not hold.</summary>
    private float[] Newline(int width)
    {
        var values = new float[width];
        new NormalNumbers(NormalNumbers.SeedOf(Plan.Seed, "image_newline")).Fill(values, 1);
        return values;
    }

    private static JsonArray Pinpoints() => new(new JsonArray(CanvasSize, CanvasSize));
}
