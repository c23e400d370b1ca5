using ZoPrune.AI.SyntheticVlm.Graphs;

namespace ZoPrune.AI.SyntheticVlm.Layers;

/// <summary>The last learned map of a vision graph: two affine maps with GELU between.</summary>
internal static class Projector
{
    /// <param name="graph">Where it goes.</param>
    /// <param name="linear">Its products.</param>
    /// <param name="name">The name of the layer.</param>
    /// <param name="x">[..., inputs].</param>
    /// <param name="inputs">The vision width.</param>
    /// <param name="inner">The width between.</param>
    /// <param name="outputs">The text width.</param>
    public static string Apply(GraphWriter graph, LinearLayer linear, string name, string x, int inputs, int inner, int outputs)
    {
        var first = linear.Apply($"{name}.linear_1", x, inputs, inner, hasBias: true);
        var active = graph.Node("Gelu", $"/{name}.act", [first]);
        return linear.Apply($"{name}.linear_2", active, inner, outputs, hasBias: true);
    }
}
