using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>
/// Finds the projector by walking back from the vision graph's output: over views to the last matrix product, over the activation to
/// the first one. No exporter marks it, so only the structure counts.
/// </summary>
internal static class ProjectorFinder
{
    /// <summary>More views than this between the projector and the output are not a projector's end but something else.</summary>
    private const int MaxViews = 64;

    /// <param name="graph">The vision graph.</param>
    /// <param name="output">The name of its output.</param>
    /// <param name="input">The tensor that feeds the projector, if the user names it.</param>
    /// <returns>The projector, or <c>null</c> if there is none that this reader understands.</returns>
    /// <exception cref="ModelFolderException"><paramref name="input"/> is given and does not feed the projector that was found.</exception>
    public static Projector? Find(OnnxGraph graph, string output, string? input = null)
    {
        var tensor = output;
        var keepsOrder = true;
        LinearLayer? last;
        for (var i = 0; (last = LinearLayer.Find(graph, tensor)) is null; i++)
        {
            var node = graph.ProducerOf(tensor);
            if (node is null || i > MaxViews || !IsView(graph, node))
            {
                return input is null ? null : throw NotFed(graph, input, null);
            }

            keepsOrder &= node.OpType is not ("Transpose" or "Gather" or "GatherND");
            tensor = node.Input[0];
        }

        var chain = ActivationChain.Find(graph, last.Input);
        var projector = chain is null
            ? new Projector(graph, last, null, last, keepsOrder)
            : new Projector(graph, chain.Before, chain.Activation, last, keepsOrder);
        return input is null || projector.Input == input
            ? projector
            : last.Input == input ? new Projector(graph, last, null, last, keepsOrder) : throw NotFed(graph, input, projector);
    }

    private static bool IsView(OnnxGraph graph, NodeProto node) => node.OpType switch
    {
        "Identity" or "Cast" or "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten" or "Transpose" => true,
        "Gather" or "GatherND" => !graph.IsConstant(node.Input[0]),
        "Concat" => node.Input.Count == 1,
        _ => false,
    };

    private static ModelFolderException NotFed(OnnxGraph graph, string input, Projector? found) =>
        new(graph.File, found is null
            ? $"the option ProjectorInput names '{input}', but no projector was found behind it."
            : $"the option ProjectorInput names '{input}', but the projector that was found is fed by '{found.Input}'.");
}
