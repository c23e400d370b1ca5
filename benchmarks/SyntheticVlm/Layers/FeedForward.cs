using ZoPrune.AI.SyntheticVlm.Graphs;

namespace ZoPrune.AI.SyntheticVlm.Layers;

/// <summary>The two kinds of feed-forward layers.</summary>
internal static class FeedForward
{
    /// <summary>SwiGLU: down(silu(gate(x)) · up(x)).</summary>
    /// <param name="graph">Where it goes.</param>
    /// <param name="linear">Its products.</param>
    /// <param name="name">The name of the layer.</param>
    /// <param name="x">[..., width].</param>
    /// <param name="width">The width of input and result.</param>
    /// <param name="inner">The width between.</param>
    /// <param name="hasBias">Whether the products have biases.</param>
    /// <param name="gain">The gain of the last product.</param>
    public static string SwiGlu(
        GraphWriter graph, LinearLayer linear, string name, string x, int width, int inner, bool hasBias, double gain)
    {
        var gate = linear.Apply($"{name}.gate_proj", x, width, inner, hasBias);
        var up = linear.Apply($"{name}.up_proj", x, width, inner, hasBias);
        var sigmoid = graph.Node("Sigmoid", $"/{name}.act_fn/Sigmoid", [gate]);
        var silu = graph.Node("Mul", $"/{name}.act_fn/Mul", [gate, sigmoid]);
        var product = graph.Node("Mul", $"/{name}/Mul", [silu, up]);
        return linear.Apply($"{name}.down_proj", product, inner, width, hasBias, gain);
    }

    /// <summary>CLIP's: fc2(quick-gelu(fc1(x))).</summary>
    public static string QuickGelu(GraphWriter graph, LinearLayer linear, string name, string x, int width, int inner, double gain)
    {
        var first = linear.Apply($"{name}.fc1", x, width, inner, hasBias: true);
        var active = graph.Node("QuickGelu", $"/{name}.activation_fn", [first], NodeAttribute.Of("alpha", 1.702f));
        return linear.Apply($"{name}.fc2", active, inner, width, hasBias: true, gain);
    }
}
