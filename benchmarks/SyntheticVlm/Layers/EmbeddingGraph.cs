using ZoPrune.AI.SyntheticVlm.Graphs;

namespace ZoPrune.AI.SyntheticVlm.Layers;

/// <summary>The embedding graph: a row of a table for each id and, in GenAI's format, visual tokens in the place of placeholders.</summary>
internal static class EmbeddingGraph
{
    /// <summary>Ids to rows and nothing else, as in the transformers.js layout.</summary>
    public static void WriteLookup(GraphWriter graph, int vocabulary, int width) => Lookup(graph, vocabulary, width, "inputs_embeds");

    /// <summary>Ids to rows; the rows of placeholders are replaced by visual tokens in their order.</summary>
    /// <param name="graph">Where it goes.</param>
    /// <param name="vocabulary">Rows of the table.</param>
    /// <param name="width">Their width.</param>
    /// <param name="placeholder">The id that stands for a visual token.</param>
    public static void WriteWithFeatures(GraphWriter graph, int vocabulary, int width, int placeholder)
    {
        var rows = Lookup(graph, vocabulary, width, "/embed_tokens/Gather");
        var features = graph.Input("image_features", ElementType.Float32, "num_image_tokens", width);

        // The running number of a placeholder is the row of its visual token; all other ids read a row of zeros behind them.
        var isImage = graph.Node("Equal", "/merge/Equal", ["input_ids", graph.Integer(placeholder)]);
        var flat = graph.Node("Reshape", "/merge/Reshape", [isImage, graph.Integers(-1)]);
        var ones = graph.Node("Cast", "/merge/Cast", [flat], NodeAttribute.Of("to", (long)ElementType.Int64));
        var counted = graph.Node("CumSum", "/merge/CumSum", [ones, graph.Integer(0)]);
        var index = graph.Node("Sub", "/merge/Sub", [counted, graph.Integer(1)]);
        var padded = graph.Node(
            "Concat", "/merge/Concat", [features, graph.Constant("zero_row", [1, width], new float[width])], NodeAttribute.Of("axis", 0L));
        var count = graph.Node("Shape", "/merge/Shape", [features], NodeAttribute.Of("start", 0L), NodeAttribute.Of("end", 1L));
        var source = graph.Node("Where", "/merge/Where", [flat, index, count]);
        var gathered = graph.Node("Gather", "/merge/Gather", [padded, source], NodeAttribute.Of("axis", 0L));
        var shaped = graph.Node("Reshape", "/merge/Reshape_1", [gathered, graph.Node("Shape", "/merge/Shape_1", [rows])]);
        var mask = graph.Node("Unsqueeze", "/merge/Unsqueeze", [isImage, graph.Integers(-1)]);
        graph.Node("Where", "/merge/Where_1", [mask, shaped, rows], ["inputs_embeds"]);
    }

    private static string Lookup(GraphWriter graph, int vocabulary, int width, string output)
    {
        graph.Part("token embedding");
        var ids = graph.Input("input_ids", ElementType.Int64, "batch_size", "sequence_length");
        graph.Output("inputs_embeds", ElementType.Float32, "batch_size", "sequence_length", width);
        graph.Node("Gather", "/embed_tokens/Gather", [graph.Weights("embed_tokens.weight", [vocabulary, width], 1), ids], [output]);
        return output;
    }
}
