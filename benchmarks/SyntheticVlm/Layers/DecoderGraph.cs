using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.SyntheticVlm.Layers;

/// <summary>The decoder graph, as GenAI's model builder writes it for CPUs without the embedding (<c>exclude_embeds</c>).</summary>
/// <param name="graph">Where it goes.</param>
/// <param name="plan">What is written.</param>
internal sealed class DecoderGraph(GraphWriter graph, ModelPlan plan)
{
    private readonly DecoderDimensions _size = plan.Size.Decoder;
    private readonly LinearLayer _linear = new(graph, plan.Precision);

    private double Gain => 1 / Math.Sqrt(2 * _size.Layers);

    /// <summary>Adds inputs, nodes and outputs. The logits of silent tokens are 0, which is never the largest.</summary>
    public void Write()
    {
        graph.Part("decoder layers");
        var x = graph.Input("inputs_embeds", ElementType.Float32, "batch_size", "sequence_length", _size.Width);
        var mask = graph.Input("attention_mask", ElementType.Int64, "batch_size", "total_sequence_length");
        var positions = plan.Kind.Rotary switch
        {
            RotaryPlacement.InsideAttention => null,
            RotaryPlacement.Positions => graph.Input("position_ids", ElementType.Int64, "batch_size", "sequence_length"),
            _ => graph.Input("position_ids", ElementType.Int64, 3, "batch_size", "sequence_length"),
        };
        graph.Output("logits", ElementType.Float32, "batch_size", "sequence_length", plan.Vocabulary);
        var lengths = Lengths(mask);
        var tables = graph.RotaryTables(plan.Kind.RotaryTheta, plan.Kind.ContextLength, _size.HeadSize / 2);
        var attention = new DecoderAttention(graph, _linear, plan, lengths, tables, positions);
        var normalized = Normalization.Rms(graph, "model.layers.0.input_layernorm", x, _size.Width);
        for (var i = 0; i < _size.Layers; i++)
        {
            var name = $"model.layers.{i}";
            var mixed = attention.Apply(i, normalized, Gain);
            (normalized, x) = Normalization.SkipRms(graph, $"{name}.post_attention_layernorm", x, mixed, _size.Width);
            var forward = FeedForward.SwiGlu(graph, _linear, $"{name}.mlp", normalized, _size.Width, _size.Inner, hasBias: false, Gain);
            var isLast = i == _size.Layers - 1;
            (normalized, x) = Normalization.SkipRms(
                graph, isLast ? "model.norm" : $"model.layers.{i + 1}.input_layernorm", x, forward, _size.Width, needsSum: !isLast);
        }

        graph.Part("output head");
        _linear.Apply("lm_head", normalized, _size.Width, plan.Vocabulary, silent: plan.SilentTokens, output: "logits");
    }

    /// <summary>Index of the last key of each sequence and the width of the mask, int32 for <c>GroupQueryAttention</c>.</summary>
    private (string LastKey, string Total) Lengths(string mask)
    {
        var toInt32 = NodeAttribute.Of("to", (long)ElementType.Int32);
        var sum = graph.Node("ReduceSum", "/attn_mask/ReduceSum", [mask, graph.Integers(1)], NodeAttribute.Of("keepdims", 0L));
        var last = graph.Node("Sub", "/attn_mask/Sub", [sum, graph.Integers(1)]);
        var shape = graph.Node("Shape", "/attn_mask/Shape", [mask]);
        var total = graph.Node("Gather", "/attn_mask/Gather", [shape, graph.Integer(1)], NodeAttribute.Of("axis", 0L));
        return (graph.Node("Cast", "/attn_mask/Cast", [last], toInt32), graph.Node("Cast", "/attn_mask/Cast_1", [total], toInt32));
    }
}
