using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.SyntheticVlm.Layers;

/// <summary>Grouped-query attention with a cache of keys and values.</summary>
/// <param name="graph">Where it goes.</param>
/// <param name="linear">Its products.</param>
/// <param name="plan">What is written.</param>
/// <param name="lengths">Lengths of sequences and cache.</param>
/// <param name="tables">Rotary positions.</param>
/// <param name="positions">The input of positions, if there is one.</param>
internal sealed class DecoderAttention(
    GraphWriter graph,
    LinearLayer linear,
    ModelPlan plan,
    (string LastKey, string Total) lengths,
    (string Cosines, string Sines) tables,
    string? positions)
{
    private readonly DecoderDimensions _size = plan.Size.Decoder;

    private int KeyWidth => _size.KeyValueHeads * _size.HeadSize;

    private int QueryWidth => _size.Heads * _size.HeadSize;

    /// <summary>Adds one layer's attention with its part of the cache.</summary>
    /// <param name="layer">The number of the layer.</param>
    /// <param name="x">[batch, sequence, width].</param>
    /// <param name="gain">The gain of the output product.</param>
    public string Apply(int layer, string x, double gain)
    {
        var name = $"model.layers.{layer}.attn";
        var (pastKey, pastValue) = (Past("key"), Past("value"));
        var (query, key, value) = positions is null ? Packed(name, x) : Rotated(name, x, positions);
        var isInside = positions is null;
        var attended = $"/{name}/GroupQueryAttention";
        graph.Node(
            "GroupQueryAttention", attended,
            [
                query, key, value, pastKey, pastValue, lengths.LastKey, lengths.Total,
                .. isInside ? [tables.Cosines, tables.Sines] : Array.Empty<string>(),
            ],
            [attended, Present("key"), Present("value")],
            NodeAttribute.Of("num_heads", (long)_size.Heads), NodeAttribute.Of("kv_num_heads", (long)_size.KeyValueHeads),
            NodeAttribute.Of("scale", (float)(1 / Math.Sqrt(_size.HeadSize))), NodeAttribute.Of("local_window_size", -1L),
            NodeAttribute.Of("softcap", 0f), NodeAttribute.Of("do_rotary", isInside ? 1L : 0L), NodeAttribute.Of("rotary_interleaved", 0L));
        return linear.Apply($"{name}.o_proj", attended, QueryWidth, _size.Width, gain: gain);

        string Past(string part) => graph.Input(
            $"past_key_values.{layer}.{part}", ElementType.Float32,
            "batch_size", _size.KeyValueHeads, "past_sequence_length", _size.HeadSize);

        string Present(string part)
        {
            var output = $"present.{layer}.{part}";
            graph.Output(output, ElementType.Float32, "batch_size", _size.KeyValueHeads, "total_sequence_length", _size.HeadSize);
            return output;
        }
    }

    /// <summary>One product for all three; the operator turns queries and keys.</summary>
    private (string Query, string Key, string Value) Packed(string name, string x) =>
        (linear.Apply($"{name}.qkv_proj", x, _size.Width, QueryWidth + (2 * KeyWidth), plan.Kind.HasAttentionBias), "", "");

    /// <summary>Three products; queries and keys are turned by the positions that the caller gives.</summary>
    private (string Query, string Key, string Value) Rotated(string name, string x, string positionIds) =>
    (
        Rotate("q", linear.Apply($"{name}.q_proj", x, _size.Width, QueryWidth, plan.Kind.HasAttentionBias), positionIds, _size.Heads),
        Rotate("k", linear.Apply($"{name}.k_proj", x, _size.Width, KeyWidth, plan.Kind.HasAttentionBias), positionIds, _size.KeyValueHeads),
        linear.Apply($"{name}.v_proj", x, _size.Width, KeyWidth, plan.Kind.HasAttentionBias));

    private string Rotate(string part, string rows, string positionIds, int heads)
    {
        string[] inputs = [rows, positionIds, tables.Cosines, tables.Sines];
        return plan.Kind.Rotary == RotaryPlacement.Multimodal
            ? graph.Node(
                "MRotaryEmbedding", $"{rows}/{part}_rotary", inputs,
                NodeAttribute.Of("interleaved", 0L), NodeAttribute.Of("rotary_embedding_dim", 0L),
                NodeAttribute.Of("num_heads", (long)heads), NodeAttribute.Of("mrope_section", Sections()),
                NodeAttribute.Of("mrope_layout", 0L), NodeAttribute.Of("is_packed_batching", 0L))
            : graph.Node(
                "RotaryEmbedding", $"{rows}/{part}_rotary", inputs,
                NodeAttribute.Of("interleaved", 0L), NodeAttribute.Of("rotary_embedding_dim", 0L), NodeAttribute.Of("num_heads", 0L));
    }

    /// <summary>Pairs that turn with time, row and column: 16, 24, 24 of 64 in Qwen2.5-VL.</summary>
    private long[] Sections()
    {
        var pairs = _size.HeadSize / 2;
        var side = pairs * 3 / 8;
        return [pairs - (2 * side), side, side];
    }
}
