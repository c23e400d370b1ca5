using ZoPrune.AI.SyntheticVlm.Graphs;

namespace ZoPrune.AI.SyntheticVlm.Layers;

/// <summary>Normalisations, with gains around one.</summary>
internal static class Normalization
{
    private const double GainDeviation = 0.1;
    private const double BiasDeviation = 0.1;
    private const float RmsEpsilon = 1e-6f;
    private const float LayerEpsilon = 1e-5f;

    /// <summary>RMSNorm of [..., width].</summary>
    public static string Rms(GraphWriter graph, string name, string x, int width) => graph.Node(
        "SimplifiedLayerNormalization", $"/{name}", [x, Gain(graph, name, width)],
        NodeAttribute.Of("epsilon", RmsEpsilon), NodeAttribute.Of("axis", -1L), NodeAttribute.Of("stash_type", 1L));

    /// <summary>RMSNorm of the sum of two, and that sum where it is needed.</summary>
    public static (string Normalized, string Sum) SkipRms(
        GraphWriter graph, string name, string x, string skip, int width, bool needsSum = true)
    {
        var (normalized, sum) = ($"/{name}", needsSum ? $"/{name}/sum" : "");
        string[] outputs = needsSum ? [normalized, "", "", sum] : [normalized];
        graph.Node(
            "SkipSimplifiedLayerNormalization", $"/{name}", [x, skip, Gain(graph, name, width)], outputs,
            NodeAttribute.Of("epsilon", RmsEpsilon));
        return (normalized, sum);
    }

    /// <summary>LayerNorm of [..., width].</summary>
    public static string Layer(GraphWriter graph, string name, string x, int width) => graph.Node(
        "LayerNormalization", $"/{name}", [x, Gain(graph, name, width), graph.Weights($"{name}.bias", [width], BiasDeviation)],
        NodeAttribute.Of("epsilon", LayerEpsilon), NodeAttribute.Of("axis", -1L));

    private static string Gain(GraphWriter graph, string name, int width) =>
        graph.Weights($"{name}.weight", [width], GainDeviation, mean: 1);
}
