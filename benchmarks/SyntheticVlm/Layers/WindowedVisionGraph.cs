using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.SyntheticVlm.Weights;

namespace ZoPrune.AI.SyntheticVlm.Layers;

/// <summary>
/// The vision graph of Qwen2.5-VL: patches in the order of windows, rotary positions in two dimensions, attention within windows in most
/// layers and over the whole picture in some, a merger of 2 x 2 patches, rows put back into the order of the picture.
/// </summary>
/// <remarks>
/// Pictures must be whole windows, which the folder's image operations see to: windows are then slices of a tensor, and no mask of all
/// patches by all patches is needed.
/// </remarks>
/// <param name="graph">Where it goes.</param>
/// <param name="vision">The widths of the transformer.</param>
/// <param name="textWidth">The width of the visual tokens.</param>
internal sealed class WindowedVisionGraph(GraphWriter graph, VisionDimensions vision, int textWidth)
{
    /// <summary>Side of a patch in pixels.</summary>
    public const int PatchSize = 14;

    /// <summary>Patches of a visual token, along a side.</summary>
    public const int MergeSize = 2;

    /// <summary>Visual tokens of a window, along a side.</summary>
    public const int WindowSize = 4;

    private const int TemporalPatchSize = 2;
    private const int Unit = MergeSize * MergeSize;
    private const int WindowPatches = WindowSize * WindowSize * Unit;
    private const int PatchValues = 3 * TemporalPatchSize * PatchSize * PatchSize;
    private const double Theta = 10000;
    private const string Prefix = "visual";

    private readonly LinearLayer _linear = new(graph, WeightPrecision.Float32);

    private double Gain => 1 / Math.Sqrt(2 * vision.Layers);

    /// <summary>Adds inputs, nodes and outputs.</summary>
    public void Write()
    {
        graph.Part("vision encoder");
        var pixels = graph.Input("pixel_values", ElementType.Float32, "num_patches", PatchValues);

        // One picture a run: GenAI and the library both run pictures one after the other where the graph says so.
        var grid = graph.Input("image_grid_thw", ElementType.Int64, 1, 3);
        var patches = graph.Node(
            "MatMul", "/patch_embed/MatMul",
            [pixels, graph.Weights($"{Prefix}.patch_embed.proj.weight", [PatchValues, vision.Width], 1 / Math.Sqrt(PatchValues))]);
        var columns = GridSide(grid, axis: 2, "columns");
        var order = WindowOrder(GridSide(grid, axis: 1, "rows"), columns);
        var units = graph.Node("Reshape", "/window/Reshape", [patches, graph.Integers(-1, Unit, vision.Width)]);
        var ordered = graph.Node("Gather", "/window/Gather", [units, order], NodeAttribute.Of("axis", 0L));
        var x = graph.Node("Reshape", "/window/Reshape_1", [ordered, graph.Integers(1, -1, vision.Width)]);
        var (cosines, sines) = RotaryAngles(order, columns);
        for (var i = 0; i < vision.Layers; i++)
        {
            x = Block($"{Prefix}.blocks.{i}", x, cosines, sines, isWhole: (i + 1) % vision.WholeEvery == 0);
        }

        graph.Part("projector");
        var normalized = Normalization.Rms(graph, $"{Prefix}.merger.ln_q", x, vision.Width);
        var merged = graph.Node("Reshape", "/merger/Reshape", [normalized, graph.Integers(-1, Unit * vision.Width)]);
        var projected = Projector.Apply(graph, _linear, $"{Prefix}.merger", merged, Unit * vision.Width, Unit * vision.Width, textWidth);
        var count = graph.Node("Shape", "/restore/Shape", [order]);
        graph.Node(
            "TopK", "/restore/TopK", [order, count], ["/restore/values", "/restore/indices"],
            NodeAttribute.Of("axis", 0L), NodeAttribute.Of("largest", 0L), NodeAttribute.Of("sorted", 1L));
        graph.Node("Gather", "/restore/Gather", [projected, "/restore/indices"], ["image_features"], NodeAttribute.Of("axis", 0L));
        graph.Output("image_features", ElementType.Float32, "num_logical_patches", textWidth);
    }

    /// <summary>Rows or columns of visual tokens, int64 [1].</summary>
    private string GridSide(string grid, int axis, string name)
    {
        var patches = graph.Node(
            "Slice", $"/grid/{name}/Slice", [grid, graph.Integers(axis), graph.Integers(axis + 1), graph.Integers(1)]);
        var side = graph.Node("Reshape", $"/grid/{name}/Reshape", [patches, graph.Integers(1)]);
        return graph.Node("Div", $"/grid/{name}/Div", [side, graph.Integers(MergeSize)]);
    }

    /// <summary>For each place in the order of windows the visual token that stands there, int64 [tokens].</summary>
    private string WindowOrder(string rows, string columns)
    {
        var size = graph.Integers(WindowSize);
        var count = graph.Node("Mul", "/window/Mul", [rows, columns]);
        var end = graph.Node("Squeeze", "/window/Squeeze", [count]);
        var all = graph.Node("Range", "/window/Range", [graph.Integer(0), end, graph.Integer(1)]);
        var down = graph.Node("Div", "/window/Div", [rows, size]);
        var across = graph.Node("Div", "/window/Div_1", [columns, size]);
        var shape = graph.Node("Concat", "/window/Concat", [down, size, across, size], NodeAttribute.Of("axis", 0L));
        var cut = graph.Node("Reshape", "/window/Reshape_2", [all, shape]);
        var windows = graph.Node("Transpose", "/window/Transpose", [cut], NodeAttribute.Of("perm", [0, 2, 1, 3]));
        return graph.Node("Reshape", "/window/order", [windows, graph.Integers(-1)]);
    }

    /// <summary>Half of the pairs turn with the row of a patch, half with its column: two float32 [patches, head size / 2].</summary>
    private (string Cosines, string Sines) RotaryAngles(string order, string columns)
    {
        var row = graph.Node("Div", "/rotary/Div", [order, columns]);
        var start = graph.Node("Mul", "/rotary/Mul", [row, columns]);
        var column = graph.Node("Sub", "/rotary/Sub", [order, start]);
        var frequencies = RotaryTable.Frequencies(Theta, vision.HeadSize / 4).Select(f => (float)f).ToArray();
        var table = graph.Constant($"{Prefix}.rotary_pos_emb.inv_freq", [1, frequencies.Length], frequencies);
        var angles = graph.Node(
            "Concat", "/rotary/Concat",
            [Angles("row", row, graph.Integers(0, 0, 1, 1), table), Angles("column", column, graph.Integers(0, 1, 0, 1), table)],
            NodeAttribute.Of("axis", 1L));
        return (graph.Node("Cos", "/rotary/Cos", [angles]), graph.Node("Sin", "/rotary/Sin", [angles]));
    }

    private string Angles(string name, string tokens, string withinUnit, string frequencies)
    {
        var first = graph.Node("Mul", $"/rotary/{name}/Mul", [tokens, graph.Integer(MergeSize)]);
        var wide = graph.Node("Unsqueeze", $"/rotary/{name}/Unsqueeze", [first, graph.Integers(1)]);
        var patches = graph.Node("Add", $"/rotary/{name}/Add", [wide, withinUnit]);
        var list = graph.Node("Reshape", $"/rotary/{name}/Reshape", [patches, graph.Integers(-1, 1)]);
        var positions = graph.Node("Cast", $"/rotary/{name}/Cast", [list], NodeAttribute.Of("to", (long)ElementType.Float32));
        return graph.Node("Mul", $"/rotary/{name}/Mul_1", [positions, frequencies]);
    }

    private string Block(string name, string x, string cosines, string sines, bool isWhole)
    {
        var normalized = Normalization.Rms(graph, $"{name}.norm1", x, vision.Width);
        var query = Rotate($"{name}.attn.q", _linear.Apply($"{name}.attn.q_proj", normalized, vision.Width, vision.Width, hasBias: true));
        var key = Rotate($"{name}.attn.k", _linear.Apply($"{name}.attn.k_proj", normalized, vision.Width, vision.Width, hasBias: true));
        var value = _linear.Apply($"{name}.attn.v_proj", normalized, vision.Width, vision.Width, hasBias: true);
        var attended = graph.Node(
            "MultiHeadAttention", $"/{name}.attn/MultiHeadAttention", [Cut("q", query), Cut("k", key), Cut("v", value)],
            NodeAttribute.Of("num_heads", (long)vision.Heads));
        var whole = isWhole
            ? attended
            : graph.Node("Reshape", $"/{name}.attn/Reshape", [attended, graph.Integers(1, -1, vision.Width)]);
        var mixed = _linear.Apply($"{name}.attn.proj", whole, vision.Width, vision.Width, hasBias: true, Gain);
        var sum = graph.Node("Add", $"/{name}/Add", [x, mixed]);
        var inner = Normalization.Rms(graph, $"{name}.norm2", sum, vision.Width);
        var forward = FeedForward.SwiGlu(graph, _linear, $"{name}.mlp", inner, vision.Width, vision.Inner, hasBias: true, Gain);
        return graph.Node("Add", $"/{name}/Add_1", [sum, forward]);

        string Rotate(string part, string rows) => graph.Node(
            "RotaryEmbedding", $"/{part}/RotaryEmbedding", [rows, graph.Integers(0), cosines, sines],
            NodeAttribute.Of("interleaved", 0L), NodeAttribute.Of("num_heads", (long)vision.Heads),
            NodeAttribute.Of("rotary_embedding_dim", (long)vision.HeadSize));

        string Cut(string part, string rows) => isWhole
            ? rows
            : graph.Node("Reshape", $"/{name}.attn/{part}/Reshape", [rows, graph.Integers(-1, WindowPatches, vision.Width)]);
    }
}
