using ZoPrune.AI.Onnx.Graphs.Layers;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>
/// Finds the projector by walking back from the vision graph's output: over what only moves rows to the last matrix product, over the
/// activation to the first one. No exporter marks it, so only the structure counts.
/// </summary>
internal static class ProjectorFinder
{
    /// <param name="graph">The vision graph.</param>
    /// <param name="output">The name of its output.</param>
    /// <param name="input">The tensor that feeds the projector, if the user names it.</param>
    /// <returns>The projector, or <c>null</c> if there is none that this reader understands.</returns>
    /// <exception cref="ModelFolderException"><paramref name="input"/> is given and does not feed the projector that was found.</exception>
    public static Projector? Find(OnnxGraph graph, string output, string? input = null)
    {
        if (FeatureTail.Find(graph, output) is not var (last, result, keepsOrder)
            || (graph.FindOutput(output)?.Dimensions is [.., { } width] && width > 0 && width != last.OutputWidth))
        {
            return input is null ? null : throw NotFed(graph, input, null);
        }

        var single = new Projector(graph, last, null, last, result, keepsOrder)
        {
            Normalization = NormalizationFinder.Find(graph, last.Input, last.InputWidth),
        };
        var chain = ActivationChain.Find(graph, last.Input);
        var projector = chain is null
            ? single
            : new Projector(graph, chain.Before, chain.Activation, last with { Scale = last.Scale * chain.Factor }, result, keepsOrder);
        return input is null || projector.Input == input
            ? projector
            : last.Input == input ? single : throw NotFed(graph, input, projector);
    }

    private static ModelFolderException NotFed(OnnxGraph graph, string input, Projector? found) =>
        new(graph.File, found is null
            ? $"the option ProjectorInput names '{input}', but no projector was found behind it."
            : $"the option ProjectorInput names '{input}', but the projector that was found is fed by '{found.Input}'.");
}
