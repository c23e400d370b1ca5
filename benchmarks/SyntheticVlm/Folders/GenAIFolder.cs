using System.Text.Json.Nodes;
using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.SyntheticVlm.Layers;

namespace ZoPrune.AI.SyntheticVlm.Folders;

/// <summary>A folder in ONNX Runtime GenAI's format.</summary>
/// <param name="plan">What is written.</param>
/// <param name="folder">The folder.</param>
internal abstract class GenAIFolder(ModelPlan plan, OutputFolder folder) : ModelFolderWriter(plan, folder)
{
    private const string DataSuffix = ".data";
    private const string VisionFile = "vision.onnx";
    private const string EmbeddingFile = "embedding.onnx";
    private const string DecoderFile = "model.onnx";
    private const string ProcessorFile = "processor_config.json";

    /// <summary>GenAI's name of the type.</summary>
    protected abstract string Type { get; }

    /// <summary>The token that stands for a visual token.</summary>
    protected abstract string Placeholder { get; }

    protected abstract string BeginToken { get; }

    protected abstract string EndToken { get; }

    protected abstract string PadToken { get; }

    protected abstract void WriteVision(GraphWriter graph);

    /// <summary>The operations on a picture, in order.</summary>
    protected abstract (string Type, JsonObject? Attributes)[] ImageOperations();

    /// <summary>Adds what the type has in <c>model</c> and <c>model.vision</c>.</summary>
    protected abstract void Describe(JsonObject model, JsonObject vision);

    protected static (string Type, JsonObject? Attributes) Decode() => ("DecodeImage", new JsonObject { ["color_space"] = "RGB" });

    protected static (string Type, JsonObject? Attributes) Rescale() => ("Rescale", new JsonObject { ["rescale_factor"] = 1 / 255.0 });

    protected static JsonObject Normalization() => new() { ["mean"] = Array(PixelMean), ["std"] = Array(PixelDeviation) };

    protected override void WriteGraphs(ParameterCounts counts)
    {
        WriteGraph("vision", VisionFile, DataSuffix, counts, WriteVision);
        WriteGraph("embedding", EmbeddingFile, DataSuffix, counts, graph => EmbeddingGraph.WriteWithFeatures(
            graph, Plan.Vocabulary, Plan.Size.Decoder.Width, Plan.Kind.IdOf(Placeholder)));
        WriteGraph("decoder", DecoderFile, DataSuffix, counts, graph => new DecoderGraph(graph, Plan).Write());
    }

    protected override void WriteDescriptions()
    {
        WriteJson("genai_config.json", Config());
        var transforms = new JsonArray();
        foreach (var (type, attributes) in ImageOperations())
        {
            var operation = new JsonObject { ["name"] = type, ["type"] = type };
            if (attributes is not null)
            {
                operation["attrs"] = attributes;
            }

            transforms.Add(new JsonObject { ["operation"] = operation });
        }

        var processor = new JsonObject { ["name"] = "image_processing", ["transforms"] = transforms };
        WriteJson(ProcessorFile, new JsonObject { ["processor"] = processor });
    }

    private JsonObject Config()
    {
        var decoder = Plan.Size.Decoder;
        var inputs = new JsonObject
        {
            ["inputs_embeds"] = "inputs_embeds",
            ["attention_mask"] = "attention_mask",
            ["past_key_names"] = "past_key_values.%d.key",
            ["past_value_names"] = "past_key_values.%d.value",
        };
        if (Plan.Kind.Rotary != RotaryPlacement.InsideAttention)
        {
            inputs["position_ids"] = "position_ids";
        }

        var vision = new JsonObject
        {
            ["filename"] = VisionFile,
            ["config_filename"] = ProcessorFile,
            ["inputs"] = new JsonObject { ["pixel_values"] = "pixel_values" },
            ["outputs"] = new JsonObject { ["image_features"] = "image_features" },
        };
        var model = new JsonObject
        {
            ["type"] = Type,
            ["vocab_size"] = Plan.Vocabulary,
            ["context_length"] = Plan.Kind.ContextLength,
            ["bos_token_id"] = Plan.Kind.IdOf(BeginToken),
            ["eos_token_id"] = Plan.Kind.IdOf(EndToken),
            ["pad_token_id"] = Plan.Kind.IdOf(PadToken),
            ["image_token_id"] = Plan.Kind.IdOf(Placeholder),
            ["decoder"] = new JsonObject
            {
                ["filename"] = DecoderFile,
                ["hidden_size"] = decoder.Width,
                ["num_hidden_layers"] = decoder.Layers,
                ["num_attention_heads"] = decoder.Heads,
                ["num_key_value_heads"] = decoder.KeyValueHeads,
                ["head_size"] = decoder.HeadSize,
                ["session_options"] = new JsonObject { ["log_id"] = "onnxruntime-genai", ["provider_options"] = new JsonArray() },
                ["inputs"] = inputs,
                ["outputs"] = new JsonObject
                {
                    ["logits"] = "logits", ["present_key_names"] = "present.%d.key", ["present_value_names"] = "present.%d.value",
                },
            },
            ["embedding"] = new JsonObject
            {
                ["filename"] = EmbeddingFile,
                ["inputs"] = new JsonObject { ["input_ids"] = "input_ids", ["image_features"] = "image_features" },
                ["outputs"] = new JsonObject { ["inputs_embeds"] = "inputs_embeds" },
            },
            ["vision"] = vision,
        };
        Describe(model, vision);
        return new JsonObject
        {
            ["model"] = model,
            ["search"] = new JsonObject
            {
                ["do_sample"] = false, ["top_k"] = 1, ["max_length"] = Plan.Kind.ContextLength, ["past_present_share_buffer"] = true,
            },
        };
    }
}
