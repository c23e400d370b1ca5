using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>The forms in which exporters and optimisers write activations between two affine maps.</summary>
public sealed class ActivationChainTests
{
    [Fact]
    public void One_node_activations_are_recognised()
    {
        Assert.Equal(ProjectorActivation.Gelu, Find("Gelu", ""));
        Assert.Equal(ProjectorActivation.Gelu, Find("Gelu", "com.microsoft"));
        Assert.Equal(ProjectorActivation.GeluTanh, Find("Gelu", "", TinyGraph.Text("approximate", "tanh")));
        Assert.Equal(ProjectorActivation.GeluTanh, Find("FastGelu", "com.microsoft"));
        Assert.Equal(ProjectorActivation.QuickGelu, Find("QuickGelu", "com.microsoft", TinyGraph.Number("alpha", 1.702f)));
        Assert.Equal(ProjectorActivation.Silu, Find("QuickGelu", "com.microsoft", TinyGraph.Number("alpha", 1f)));
        Assert.Equal(ProjectorActivation.Relu, Find("Relu", ""));
    }

    [Fact]
    public void An_unknown_slope_of_quick_gelu_is_not_taken_for_a_known_one() =>
        Assert.Null(Find("QuickGelu", "com.microsoft", TinyGraph.Number("alpha", 1.3f)));

    [Fact]
    public void Activations_written_out_are_recognised()
    {
        Assert.Equal(ProjectorActivation.Silu, Find(g => g
            .Node("Sigmoid", ["h"], "s").Node("Mul", ["h", "s"], "a")));
        Assert.Equal(ProjectorActivation.QuickGelu, Find(g => Scalar(g, "k", 1.702f)
            .Node("Mul", ["h", "k"], "x").Node("Sigmoid", ["x"], "s").Node("Mul", ["h", "s"], "a")));
        Assert.Equal(ProjectorActivation.Gelu, Find(g => Scalar(Scalar(Scalar(g, "r", 1.41421354f), "one", 1), "half", 0.5f)
            .Node("Div", ["h", "r"], "x").Node("Erf", ["x"], "e").Node("Add", ["e", "one"], "f")
            .Node("Mul", ["h", "f"], "m").Node("Mul", ["m", "half"], "a")));
        Assert.Equal(ProjectorActivation.GeluTanh, Find(g => Scalar(Scalar(Scalar(Scalar(Scalar(g, "three", 3), "c", 0.044715f), "s2pi", 0.7978846f), "one", 1), "half", 0.5f)
            .Node("Pow", ["h", "three"], "p").Node("Mul", ["p", "c"], "q").Node("Add", ["h", "q"], "r").Node("Mul", ["r", "s2pi"], "t")
            .Node("Tanh", ["t"], "u").Node("Add", ["u", "one"], "o").Node("Mul", ["h", "o"], "w").Node("Mul", ["w", "half"], "a")));
    }

    [Fact]
    public void Something_else_between_two_affine_maps_is_not_an_activation()
    {
        Assert.Null(Find(g => g.Node("Sigmoid", ["h"], "a")));
        Assert.Null(Find(g => g.Node("Softmax", ["h"], "a")));
        Assert.Null(Find(g => Scalar(g, "k", 2).Node("Mul", ["h", "k"], "a")));
    }

    [Fact]
    public void Gemm_weights_are_read_the_right_way_round()
    {
        var file = new TinyGraph("v", 0, 3)
            .Weight("w1", [1, 2, 3, 4, 5, 6], 2, 3).Weight("b1", [0.5f, -0.5f], 2).Weight("w2", [7, 8, 9, 10, 11, 12, 13, 14], 2, 4)
            .Node("Gemm", ["v", "w1", "b1"], "h", "", TinyGraph.Int("transB", 1))
            .Node("Relu", ["h"], "a").Node("MatMul", ["a", "w2"], "z")
            .Save("z", 0, 4);

        var projector = ProjectorFinder.Find(OnnxGraph.Read(file), "z")!;

        Assert.Equal((3, 2, 4), (projector.InputWidth, projector.First.OutputWidth, projector.OutputWidth));
        var weights = projector.ReadWeights();
        Assert.Equal([1f, 2, 3, 4, 5, 6], weights.W1.ToArray());
        Assert.Equal([7f, 11, 8, 12, 9, 13, 10, 14], weights.W2.ToArray());
    }

    private static ProjectorActivation? Find(string op, string domain, params AttributeProto[] attributes) =>
        Find(g => g.Node(op, ["h"], "a", domain, attributes));

    private static ProjectorActivation? Find(Func<TinyGraph, TinyGraph> activation)
    {
        var graph = new TinyGraph("v", 0, 3).Weight("w1", 3, 4).Weight("b1", 4).Weight("w2", 4, 5).Weight("b2", 5)
            .Node("MatMul", ["v", "w1"], "m1").Node("Add", ["m1", "b1"], "h");
        var file = activation(graph).Node("MatMul", ["a", "w2"], "m2").Node("Add", ["b2", "m2"], "z").Save("z", 0, 5);
        return ActivationChain.Find(OnnxGraph.Read(file), "a")?.Activation;
    }

    private static TinyGraph Scalar(TinyGraph graph, string name, float value) => graph.Weight(name, [value]);
}
