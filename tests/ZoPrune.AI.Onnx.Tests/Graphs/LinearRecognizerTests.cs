using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>
/// Each way of writing an affine map against ONNX Runtime: what the weights that were read make of some rows must be what the cut-out
/// graph makes of them.
/// </summary>
public sealed class LinearRecognizerTests
{
    private const int In = 32, Out = 12;

    private static readonly byte[] s_bytes = [.. Enumerable.Range(0, 4096).Select(i => (byte)((i * 167) + (i * i * 13)))];

    [Fact]
    public void Float_products()
    {
        AssertMap(1e-5, g => g.Weight("w", In, Out).Node("MatMul", ["v", "w"], "m").Weight("b", Out).Node("Add", ["m", "b"], "z"));
        AssertMap(1e-5, g => g.Weight("w", In, Out).Node("MatMul", ["v", "w"], "m").Weight("b", Out).Node("Add", ["b", "m"], "z"));
        AssertMap(1e-5, g => g.Weight("w", Out, In).Node("FusedMatMul", ["v", "w"], "z", "com.microsoft", TinyGraph.Int("transB", 1), TinyGraph.Number("alpha", 0.3f)));
        AssertMap(1e-5, g => g.Weight("w", Out, In).Weight("b", Out)
            .Node("Gemm", ["v", "w", "b"], "z", "", TinyGraph.Int("transB", 1), TinyGraph.Number("alpha", 0.5f), TinyGraph.Number("beta", 2)));
    }

    [Fact]
    public void Weights_behind_other_nodes()
    {
        AssertMap(1e-5, g => g.Weight("w", Out, In).Node("Transpose", ["w"], "t", "", TinyGraph.Ints("perm", 1, 0))
            .Node("Identity", ["t"], "i").Node("MatMul", ["v", "i"], "z"));
        AssertMap(1e-3, g => g.Bytes("w", TensorElementType.Float16, Halves(In * Out), In, Out).Node("Cast", ["w"], "f", "", TinyGraph.Int("to", 1))
            .Bytes("b", TensorElementType.Float16, Halves(Out), Out).Node("Cast", ["b"], "c", "", TinyGraph.Int("to", 1))
            .Node("MatMul", ["v", "f"], "m").Node("Add", ["m", "c"], "z"));
        AssertMap(1e-5, g => g.Bytes("w", TensorElementType.Int8, s_bytes[..(In * Out)], In, Out).Weight("s", Positive(Out), Out)
            .Bytes("p", TensorElementType.Int8, s_bytes[50..(50 + Out)], Out)
            .Node("DequantizeLinear", ["w", "s", "p"], "f", "", TinyGraph.Int("axis", 1)).Node("MatMul", ["v", "f"], "z"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Four_bits_in_blocks_along_an_axis(bool signed)
    {
        var type = (TensorElementType)(signed ? 22 : 21);
        AssertMap(1e-5, g => g.Opset(21).Bytes("w", type, s_bytes[..(In * Out / 2)], In, Out).Weight("s", Positive(2 * Out), 2, Out)
            .Bytes("p", type, s_bytes[70..(70 + Out)], 2, Out)
            .Node("DequantizeLinear", ["w", "s", "p"], "f", "", TinyGraph.Int("axis", 0), TinyGraph.Int("block_size", 16)).Node("MatMul", ["v", "f"], "z"));
    }

    [Theory]
    [InlineData(4, false, false)]
    [InlineData(4, true, false)]
    [InlineData(4, true, true)]
    [InlineData(8, false, false)]
    [InlineData(8, true, false)]
    public void Packed_blocks(int bits, bool zeroPoints, bool floatZeroPoints)
    {
        const int Blocks = In / 16;
        AssertMap(1e-5, g =>
        {
            g.Bytes("w", TensorElementType.UInt8, s_bytes[..(Out * Blocks * 16 * bits / 8)], Out, Blocks, 16 * bits / 8).Weight("s", Positive(Out * Blocks), Out * Blocks);
            var zeroBytes = ((Blocks * bits) + 7) / 8;
            _ = floatZeroPoints ? g.Weight("p", Out * Blocks)
                : zeroPoints ? g.Bytes("p", TensorElementType.UInt8, s_bytes[100..(100 + (Out * zeroBytes))], Out * zeroBytes) : g;
            return g.Weight("b", Out).Node(
                "MatMulNBits", zeroPoints ? ["v", "w", "s", "p", "", "b"] : ["v", "w", "s", "", "", "b"], "z", "com.microsoft",
                TinyGraph.Int("K", In), TinyGraph.Int("N", Out), TinyGraph.Int("bits", bits), TinyGraph.Int("block_size", 16));
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Four_bit_floats(int type) => AssertMap(1e-5, g => g
        .Bytes("w", TensorElementType.UInt8, s_bytes[..(In * Out / 2)], In * Out / 2).Weight("s", Positive(In * Out / 16), In * Out / 16)
        .Node("MatMulBnb4", ["v", "w", "s"], "z", "com.microsoft", TinyGraph.Int("K", In), TinyGraph.Int("N", Out), TinyGraph.Int("block_size", 16), TinyGraph.Int("quant_type", type)));

    [Theory]
    [InlineData(TensorElementType.UInt8, false)]
    [InlineData(TensorElementType.Int8, false)]
    [InlineData(TensorElementType.UInt8, true)]
    [InlineData(TensorElementType.Int8, true)]
    public void Dynamically_quantised_products(TensorElementType type, bool perChannel)
    {
        // The input is quantised to 8 bits: a 255th of its range, at most half a step in each of the products.
        const double Tolerance = 0.02;
        var scales = perChannel ? Out : 1;
        AssertMap(Tolerance, g => Quantized(g).Node("DynamicQuantizeLinear", ["v"], ["q", "qs", "qp"])
            .Node("MatMulInteger", ["q", "w", "qp", "p"], "i").Node("Cast", ["i"], "f", "", TinyGraph.Int("to", 1))
            .Node("Mul", ["qs", "s"], "k").Node("Mul", ["f", "k"], "m").Weight("b", Out).Node("Add", ["b", "m"], "z"));
        AssertMap(Tolerance, g => Quantized(g).Node("DynamicQuantizeLinear", ["v"], ["q", "qs", "qp"])
            .Weight("b", Out).Node("MatMulIntegerToFloat", ["q", "w", "qs", "s", "qp", "p", "b"], "z", "com.microsoft"));
        AssertMap(Tolerance, g => Quantized(g).Weight("b", Out).Node("DynamicQuantizeMatMul", ["v", "w", "s", "p", "b"], "z", "com.microsoft"));

        TinyGraph Quantized(TinyGraph g) => g.Bytes("w", type, s_bytes[..(In * Out)], In, Out).Weight("s", Positive(scales), perChannel ? [scales] : [])
            .Bytes("p", type, s_bytes[90..(90 + scales)], perChannel ? [scales] : []);
    }

    [Fact]
    public void Statically_quantised_products()
    {
        const double Tolerance = 0.02;
        AssertMap(Tolerance, g => Static(g).Bytes("w", TensorElementType.UInt8, s_bytes[..(In * Out)], In, Out).Weight("s", [0.01f]).Bytes("p", TensorElementType.UInt8, [120], 1)
            .Node("QuantizeLinear", ["v", "vs", "vp"], "q").Node("QLinearMatMul", ["q", "vs", "vp", "w", "s", "p", "zs", "zp"], "y")
            .Node("DequantizeLinear", ["y", "zs", "zp"], "m").Weight("b", Out).Node("Add", ["m", "b"], "z"));
        AssertMap(Tolerance, g => Static(g).Bytes("w", TensorElementType.Int8, s_bytes[..(In * Out)], In, Out).Weight("s", Positive(Out), Out)
            .Bytes("p", TensorElementType.Int8, new byte[Out], Out)
            .Node("QuantizeLinear", ["v", "vs", "vp"], "q").Node("DequantizeLinear", ["q", "vs", "vp"], "x")
            .Node("DequantizeLinear", ["w", "s", "p"], "f", "", TinyGraph.Int("axis", 1)).Node("MatMul", ["x", "f"], "m").Weight("b", Out).Node("Add", ["m", "b"], "z"));
        AssertMap(Tolerance, g => Static(g).Bytes("w", TensorElementType.Int8, s_bytes[..(In * Out)], Out, In).Weight("s", [0.01f]).Bytes("p", TensorElementType.Int8, [3])
            .Bytes("b", TensorElementType.Int32, [.. Enumerable.Range(0, Out).SelectMany(i => BitConverter.GetBytes(i * 100))], Out)
            .Node("QuantizeLinear", ["v", "vs", "vp"], "q")
            .Node("QGemm", ["q", "vs", "vp", "w", "s", "p", "b"], "z", "com.microsoft", TinyGraph.Int("transB", 1)));

        static TinyGraph Static(TinyGraph g) => g.Weight("vs", [2f / 255]).Bytes("vp", TensorElementType.UInt8, [128], 1)
            .Weight("zs", [0.2f]).Bytes("zp", TensorElementType.UInt8, [128], 1);
    }

    [Fact]
    public void A_bias_inside_the_activation_belongs_to_the_first_map()
    {
        foreach (var (op, expected) in new[] { ("BiasGelu", ProjectorActivation.Gelu), ("FastGelu", ProjectorActivation.GeluTanh) })
        {
            var projector = Find(g => g.Weight("w1", In, 8).Node("MatMul", ["v", "w1"], "h").Weight("b1", 8)
                .Node(op, ["h", "b1"], "a", "com.microsoft").Weight("w2", 8, Out).Node("MatMul", ["a", "w2"], "z"));

            Assert.Equal((expected, "v", "h"), (projector.Activation, projector.Input, projector.PreActivation));
            var weights = projector.ReadWeights();
            Assert.True(weights.PreActivationsLackBias);
            Assert.Equal(8, weights.B1!.Value.Length);
        }
    }

    [Fact]
    public void A_factor_of_the_activation_that_an_optimiser_moved_is_found()
    {
        // x (1 + tanh …) without the half, which the second product multiplies by.
        var projector = Find(g => g.Weight("w1", In, 8).Node("MatMul", ["v", "w1"], "h").Weight("c", [0.044715f]).Weight("k", [0.7978846f]).Weight("one", [1f])
            .Node("Mul", ["h", "h"], "h2").Node("Mul", ["h", "h2"], "h3").Node("Mul", ["c", "h3"], "p").Node("Add", ["h", "p"], "r").Node("Mul", ["k", "r"], "t")
            .Node("Tanh", ["t"], "u").Node("Add", ["one", "u"], "o").Node("Mul", ["h", "o"], "a").Weight("w2", 8, Out)
            .Node("FusedMatMul", ["a", "w2"], "z", "com.microsoft", TinyGraph.Number("alpha", 0.5f)));

        Assert.Equal(ProjectorActivation.GeluTanh, projector.Activation);
        Assert.Equal(1, projector.Last.Scale, 1e-4f);
    }

    [Fact]
    public void Rows_from_two_maps_or_from_an_unknown_node_are_no_projector()
    {
        Assert.Null(FindOrNull(g => g.Weight("w1", In, Out).Weight("w2", In, Out).Node("MatMul", ["v", "w1"], "a").Node("MatMul", ["v", "w2"], "b")
            .Node("Concat", ["a", "b"], "z", "", TinyGraph.Int("axis", 0))));
        Assert.Null(FindOrNull(g => g.Weight("w1", In, Out).Node("MatMul", ["v", "w1"], "a").Node("Softmax", ["a"], "z")));
        Assert.Null(FindOrNull(g => g.Node("Identity", ["v"], "z")));
        Assert.Null(FindOrNull(g => g.Node("Add", ["v"], "z")));
    }

    /// <summary>Runs rows through the graph and through the weights as they are read.</summary>
    private static void AssertMap(double tolerance, Func<TinyGraph, TinyGraph> write)
    {
        const int Rows = 9;
        var projector = Find(write);
        var (matrix, bias) = (projector.Last.ReadMatrix(), projector.Last.ReadBias());
        Assert.Equal(("v", "z", In, Out), (projector.Input, projector.Output, projector.InputWidth, projector.OutputWidth));
        Assert.Equal(TensorElementType.Float, projector.First.InputType);
        var random = new Random(2);
        var input = Enumerable.Range(0, Rows * In).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray();
        var output = new float[Rows * Out];
        using var runner = GraphRun.Projector(projector, optimize: false);

        runner.Run(input, Rows, output);

        var largest = output.Max(Math.Abs);
        Assert.True(largest > 0.01);
        for (var i = 0; i < output.Length; i++)
        {
            var (row, unit) = (i / Out, i % Out);
            var expected = Enumerable.Range(0, In).Sum(k => (double)input[(row * In) + k] * matrix[(unit * In) + k]) + (bias?[unit] ?? 0);
            Assert.InRange(Math.Abs(output[i] - expected) / largest, 0, tolerance);
        }
    }

    private static Projector Find(Func<TinyGraph, TinyGraph> write) => FindOrNull(write) ?? throw new InvalidOperationException("No projector was found.");

    private static Projector? FindOrNull(Func<TinyGraph, TinyGraph> write) =>
        ProjectorFinder.Find(OnnxGraph.Read(write(new TinyGraph("v", 0, In)).Save("z", 0, 0)), "z");

    private static float[] Positive(int count) => [.. Enumerable.Range(0, count).Select(i => 0.01f + (0.002f * (i % 7)))];

    private static byte[] Halves(int count) => [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes((Half)MathF.Sin(i * 0.7f)))];
}
