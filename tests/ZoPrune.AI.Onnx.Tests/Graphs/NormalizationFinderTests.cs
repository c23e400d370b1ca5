using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Vision;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>The forms in which normalisations stand before a projector of one affine map.</summary>
public sealed class NormalizationFinderTests
{
    private const string Microsoft = "com.microsoft";

    [Fact]
    public void Fused_nodes()
    {
        AssertNorm(NormalizationKind.LayerNorm, 1e-6f, ["v"], g => g.Node("LayerNormalization", ["v", "gain", "bias"], "n", "", TinyGraph.Number("epsilon", 1e-6f)));
        AssertNorm(NormalizationKind.LayerNorm, 1e-5f, ["v"], g => g.Node("LayerNormalization", ["v", "gain"], "n"));
        AssertNorm(NormalizationKind.RmsNorm, 1e-6f, ["v"], g => g.Node("SimplifiedLayerNormalization", ["v", "gain"], "n", "", TinyGraph.Number("epsilon", 1e-6f)));
        AssertNorm(NormalizationKind.LayerNorm, 1e-12f, ["v", "u"], g => g
            .Node("Identity", ["v"], "u").Node("SkipLayerNormalization", ["v", "u", "gain", "bias"], "n", Microsoft));
        AssertNorm(NormalizationKind.RmsNorm, 1e-3f, ["v", "u"], g => g
            .Node("Identity", ["v"], "u").Node("SkipSimplifiedLayerNormalization", ["v", "u", "gain"], "n", Microsoft, TinyGraph.Number("epsilon", 1e-3f)));
    }

    [Fact]
    public void A_bias_of_the_residual_connection_is_part_of_what_is_normalised()
    {
        var norm = Find(g => g.Node("Identity", ["v"], "u").Node("SkipLayerNormalization", ["v", "u", "gain", "bias", "gain"], "n", Microsoft))!;

        Assert.Equal(6, norm.InputBias!.Values().Length);
        Assert.NotNull(Find(g => g.Node("Identity", ["v"], "u").Node("SkipSimplifiedLayerNormalization", ["v", "u", "gain", "bias"], "n", Microsoft))!.InputBias);
    }

    [Fact]
    public void Root_mean_squares_written_out()
    {
        AssertNorm(NormalizationKind.RmsNorm, 1e-6f, ["v"], g => Mean(g, "v").Node("Sqrt", ["e"], "s").Node("Reciprocal", ["s"], "r").Node("Mul", ["v", "r"], "m").Node("Mul", ["gain", "m"], "n"));
        AssertNorm(NormalizationKind.RmsNorm, 1e-6f, ["v"], g => Mean(g, "v").Node("Sqrt", ["e"], "s").Node("Div", ["v", "s"], "m").Node("Mul", ["m", "gain"], "n"));
        AssertNorm(NormalizationKind.RmsNorm, 1e-6f, ["v"], g => Mean(g, "v").Node("Sqrt", ["e"], "s").Weight("one", [1f]).Node("Div", ["one", "s"], "r").Node("Mul", ["r", "v"], "m").Node("Mul", ["m", "gain"], "n"));
        AssertNorm(NormalizationKind.RmsNorm, 1e-6f, ["v"], g => Mean(g, "v").Weight("half", [-0.5f]).Node("Pow", ["e", "half"], "r").Node("Mul", ["v", "r"], "m").Node("Mul", ["m", "gain"], "n"));
    }

    [Fact]
    public void Layer_norms_written_out() =>
        AssertNorm(NormalizationKind.LayerNorm, 1e-6f, ["v"], g => Mean(
                g.Node("ReduceMean", ["v", "axis"], "a").Node("Sub", ["v", "a"], "c"), "c")
            .Node("Sqrt", ["e"], "s").Node("Div", ["c", "s"], "m").Node("Mul", ["m", "gain"], "w2").Node("Add", ["w2", "bias"], "n"));

    [Fact]
    public void One_is_added_to_the_gain_where_the_model_does()
    {
        var norm = Find(g => Mean(g, "v").Weight("one", [1f]).Node("Add", ["one", "gain"], "plus")
            .Node("Sqrt", ["e"], "s").Node("Div", ["v", "s"], "m").Node("Mul", ["m", "plus"], "n"))!;

        var gain = Enumerable.Range(0, 6).Select(i => 1 + MathF.Sin((i * 0.7f) + 4)).ToArray();
        Assert.All(gain.Zip(norm.ReadGain()!), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void A_norm_without_gain_has_the_width_of_the_projector()
    {
        var norm = Find(g => Mean(g, "v").Node("Sqrt", ["e"], "s").Node("Div", ["v", "s"], "n"))!;

        Assert.Equal((6, true), (norm.Width, norm.ReadGain() is null));
    }

    [Fact]
    public void Something_else_before_the_projector_is_no_norm()
    {
        Assert.Null(Find(g => g.Node("Identity", ["v"], "n")));
        Assert.Null(Find(g => g.Node("Mul", ["v", "gain"], "n")));
        Assert.Null(Find(g => g.Node("Softmax", ["v"], "n")));
        Assert.Null(Find(g => Mean(g, "v").Node("Sqrt", ["e"], "s").Node("Identity", ["v"], "u").Node("Mul", ["gain", "v"], "x").Node("Div", ["x", "s"], "n")));
    }

    [Fact]
    public void Rows_are_put_side_by_side_as_the_projector_takes_them()
    {
        // Two tokens of two normalised rows each: rows 3 and 0, rows 1 and 2. The tie is by what the normalised rows are.
        var normalized = new TokenMatrix(new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }, 4, 2);
        var rows = new TokenMatrix(new float[] { 10, 20, 30, 40, 50, 60, 70, 80 }, 4, 2);
        var input = new TokenMatrix(new float[] { 7, 8, 1, 2, 3, 4, 5, 6 }, 2, 4);

        Assert.Equal([70f, 80, 10, 20, 30, 40, 50, 60], RowTie.SideBySide(rows, normalized, input)!.Value.Values.ToArray());
        Assert.Equal([10f, 20, 30, 40, 50, 60, 70, 80], RowTie.SideBySide(rows, null, input)!.Value.Values.ToArray());
        Assert.Null(RowTie.SideBySide(rows, normalized, new TokenMatrix(new float[] { 7, 8, 1, 9 }, 1, 4)));
        Assert.Null(RowTie.SideBySide(rows, null, new TokenMatrix(new float[] { 7, 8, 1 }, 1, 3)));
    }

    private static void AssertNorm(NormalizationKind kind, float epsilon, string[] inputs, Func<TinyGraph, TinyGraph> write)
    {
        var norm = Find(write)!;

        Assert.NotNull(norm);
        Assert.Equal((kind, "n", 6, true), (norm.Kind, norm.Output, norm.Width, norm.KeepsRowOrder));
        Assert.Equal(epsilon, norm.Epsilon, 1e-9f);
        Assert.Equal(inputs, norm.Inputs);
        Assert.Equal(6, norm.ReadGain()!.Length);
        Assert.Null(norm.InputBias);
    }

    private static Normalization? Find(Func<TinyGraph, TinyGraph> write)
    {
        var graph = new TinyGraph("v", 0, 6).Weight("gain", 6).Weight("bias", 6).Integers("axis", -1).Weight("w", 6, 5);
        return ProjectorFinder.Find(OnnxGraph.Read(write(graph).Node("MatMul", ["n", "w"], "z").Save("z", 0, 5)), "z")!.Normalization;
    }

    /// <summary>The mean square of a tensor plus 1e-6.</summary>
    private static TinyGraph Mean(TinyGraph graph, string tensor) => graph.Weight("two", [2f]).Weight("eps", [1e-6f])
        .Node("Pow", [tensor, "two"], "p").Node("ReduceMean", ["p", "axis"], "q").Node("Add", ["q", "eps"], "e");
}
