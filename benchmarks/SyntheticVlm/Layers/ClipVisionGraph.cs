using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.SyntheticVlm.Layers;

/// <summary>
/// The vision graph of LLaVA: CLIP's transformer up to the layer that LLaVA reads (no final normalisation), the class token dropped, a
/// projector of two layers.
/// </summary>
/// <param name="graph">Where it goes.</param>
/// <param name="vision">The widths of the transformer.</param>
/// <param name="image">Side of a picture or crop in pixels.</param>
/// <param name="patch">Side of a patch in pixels.</param>
/// <param name="textWidth">The width of the visual tokens.</param>
internal sealed class ClipVisionGraph(GraphWriter graph, VisionDimensions vision, int image, int patch, int textWidth)
{
    private const string Prefix = "vision_tower";

    private readonly LinearLayer _linear = new(graph, WeightPrecision.Float32);

    private double Gain => 1 / Math.Sqrt(2 * vision.Layers);

    /// <summary>Adds inputs, nodes and outputs.</summary>
    /// <param name="isFlat">Whether visual tokens of all crops lie in one matrix [tokens, width]; else [crops, tokens, width].</param>
    public void Write(bool isFlat)
    {
        graph.Part("vision encoder");
        var pixels = graph.Input("pixel_values", ElementType.Float32, "num_images", 3, image, image);
        var x = Normalization.Layer(graph, $"{Prefix}.pre_layrnorm", Embed(pixels), vision.Width);
        for (var i = 0; i < vision.Layers; i++)
        {
            x = Block($"{Prefix}.layers.{i}", x);
        }

        var rows = graph.Node(
            "Slice", "/class_token/Slice", [x, graph.Integers(1), graph.Integers(long.MaxValue), graph.Integers(1)]);
        graph.Part("projector");
        var projected = Projector.Apply(graph, _linear, "multi_modal_projector", rows, vision.Width, textWidth, textWidth);
        if (isFlat)
        {
            graph.Node("Reshape", "/flatten/Reshape", [projected, graph.Integers(-1, textWidth)], ["image_features"]);
            graph.Output("image_features", ElementType.Float32, "num_image_tokens", textWidth);
        }
        else
        {
            graph.Node("Identity", "/features/Identity", [projected], ["image_features"]);
            graph.Output("image_features", ElementType.Float32, "num_images", Tokens, textWidth);
        }
    }

    private int Tokens => image / patch * (image / patch);

    /// <summary>Patches and the class token with their positions, [images, tokens + 1, width].</summary>
    private string Embed(string pixels)
    {
        var kernel = graph.Weights($"{Prefix}.patch_embedding.weight", [vision.Width, 3, patch, patch], 1 / Math.Sqrt(3 * patch * patch));
        var patches = graph.Node(
            "Conv", "/patch_embedding/Conv", [pixels, kernel],
            NodeAttribute.Of("kernel_shape", [patch, patch]), NodeAttribute.Of("strides", [patch, patch]));
        var flat = graph.Node("Reshape", "/patch_embedding/Reshape", [patches, graph.Integers(0, vision.Width, -1)]);
        var rows = graph.Node("Transpose", "/patch_embedding/Transpose", [flat], NodeAttribute.Of("perm", [0, 2, 1]));
        var count = graph.Node("Shape", "/class_token/Shape", [pixels], NodeAttribute.Of("start", 0L), NodeAttribute.Of("end", 1L));
        var shape = graph.Node("Concat", "/class_token/Concat", [count, graph.Integers(1, vision.Width)], NodeAttribute.Of("axis", 0L));
        var token = graph.Node(
            "Expand", "/class_token/Expand", [graph.Weights($"{Prefix}.class_embedding", [1, 1, vision.Width], 1), shape]);
        var all = graph.Node("Concat", "/embeddings/Concat", [token, rows], NodeAttribute.Of("axis", 1L));
        return graph.Node(
            "Add", "/embeddings/Add", [all, graph.Weights($"{Prefix}.position_embedding.weight", [1, Tokens + 1, vision.Width], 0.5)]);
    }

    private string Block(string name, string x)
    {
        var normalized = Normalization.Layer(graph, $"{name}.layer_norm1", x, vision.Width);
        var query = _linear.Apply($"{name}.self_attn.q_proj", normalized, vision.Width, vision.Width, hasBias: true);
        var key = _linear.Apply($"{name}.self_attn.k_proj", normalized, vision.Width, vision.Width, hasBias: true);
        var value = _linear.Apply($"{name}.self_attn.v_proj", normalized, vision.Width, vision.Width, hasBias: true);
        var attended = graph.Node(
            "MultiHeadAttention", $"/{name}.self_attn/MultiHeadAttention", [query, key, value],
            NodeAttribute.Of("num_heads", (long)vision.Heads));
        var mixed = _linear.Apply($"{name}.self_attn.out_proj", attended, vision.Width, vision.Width, hasBias: true, Gain);
        var sum = graph.Node("Add", $"/{name}/Add", [x, mixed]);
        var inner = Normalization.Layer(graph, $"{name}.layer_norm2", sum, vision.Width);
        var forward = FeedForward.QuickGelu(graph, _linear, $"{name}.mlp", inner, vision.Width, vision.Inner, Gain);
        return graph.Node("Add", $"/{name}/Add_1", [sum, forward]);
    }
}
