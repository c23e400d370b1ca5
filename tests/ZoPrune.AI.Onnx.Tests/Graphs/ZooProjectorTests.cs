using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>The projector of every recorded vision graph, in every precision and behind every optimiser.</summary>
public sealed class ZooProjectorTests
{
    [Theory]
    [MemberData(nameof(ZooGraph.HuggingFace), MemberType = typeof(ZooGraph))]
    public void Projectors_of_transformers_js_graphs_are_the_recorded_ones(string folder, string variant)
    {
        var zoo = ZooGraph.LoadHuggingFace(folder, variant);
        var (projector, truth) = (zoo.Projector, zoo.Truth);

        Assert.NotNull(projector);
        Assert.Contains(projector.Input, Names("projector_input"));
        Assert.Contains(projector.Output, Names("projector_output"));
        Assert.Equal(ZooGraph.Longs(truth.GetProperty("projector_input_shape"))[^1], projector.InputWidth);
        Assert.Equal(ZooGraph.Longs(truth.GetProperty("projector_output_shape"))[^1], projector.OutputWidth);
        Assert.Equal(truth.GetProperty("activation_nodes").GetArrayLength() == 0 ? null : ProjectorActivation.Gelu, projector.Activation);
        Assert.Equal(truth.GetProperty("tail_op_sequence").EnumerateArray().All(o => o.GetString() is "Div" or "Cast"), projector.KeepsRowOrder);
        LinearLayer[] layers = projector.Activation is null ? [projector.Last] : [projector.First, projector.Last];
        var products = truth.GetProperty("matrix_products").EnumerateArray().ToArray();
        Assert.Equal(products.Length, layers.Length);
        foreach (var (layer, product) in layers.Zip(products))
        {
            var weight = product.GetProperty("weight").EnumerateObject().First();
            Assert.Equal(weight.Name, layer.Weight.Name);
            Assert.Equal(ZooGraph.Longs(weight.Value), zoo.Graph.Initializer(layer.Weight.Name)!.Shape);
        }

        string[] Names(string key) => [truth.GetProperty(key).GetString()!, .. ZooGraph.Strings(truth.GetProperty(key + "_aliases"))];
    }

    [Theory]
    [MemberData(nameof(ZooGraph.GenAI), MemberType = typeof(ZooGraph))]
    public void Projectors_of_genai_graphs_are_the_recorded_ones(string folder)
    {
        var zoo = ZooGraph.LoadGenAI(folder);
        var (projector, truth) = (zoo.Projector, zoo.Truth);

        Assert.NotNull(projector);
        Assert.Equal(truth.GetProperty("projector_input").GetString(), projector.Input);
        Assert.Equal(truth.GetProperty("projector_output").GetString(), projector.Output);
        Assert.Equal(ZooGraph.Longs(truth.GetProperty("V").GetProperty("shape"))[^1], projector.InputWidth);
        Assert.Equal(ZooGraph.Longs(truth.GetProperty("Y").GetProperty("shape"))[^1], projector.OutputWidth);
        Assert.Equal(folder.StartsWith("gemma3", StringComparison.Ordinal) ? null : ProjectorActivation.Gelu, projector.Activation);
        Assert.Equal(folder is not ("phi3v" or "qwen2_5_vl" or "qwen2_5_vl-fp16" or "fara"), projector.KeepsRowOrder);
        var products = new[] { projector.First, projector.Last }.Distinct().Select(l => zoo.Graph.ProducerOf(l.Output)).ToArray();
        Assert.All(products, Assert.NotNull);
    }

    [Theory]
    [MemberData(nameof(ZooGraph.HuggingFace), MemberType = typeof(ZooGraph))]
    public void Weights_of_each_precision_are_those_of_the_float32_graph(string folder, string variant)
    {
        // A weight w that was rounded to steps of s is off by s/2 at most; steps are (max - min) / 255 for asymmetric 8 bits, 2 max / 254
        // for
        // symmetric 8 bits, and 2 max / 15 at most for 4 bits in blocks (the extreme weight has one step more on one side: a whole step).
        // Half precision rounds to 11 significant bits.
        var reference = ZooGraph.LoadHuggingFace(folder, "vision_encoder").Projector;
        var projector = ZooGraph.LoadHuggingFace(folder, variant).Projector;
        foreach (var (expected, actual) in new[] { (reference.First, projector.First), (reference.Last, projector.Last) })
        {
            var (w, q) = (expected.ReadMatrix(), actual.ReadMatrix());
            var stored = ZooGraph.LoadHuggingFace(folder, variant).Graph.Initializer(actual.Weight.Name)!;
            var range = Math.Max(w.Max(), 0) - Math.Min(w.Min(), 0);
            var largest = w.Max(Math.Abs);
            var step = stored.ElementType switch
            {
                Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt8 when variant.EndsWith("_q4", StringComparison.Ordinal) => 2 * largest / 8,
                Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt8 => range / 255,
                Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int8 => 2 * largest / 254,
                Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float16 => largest / 1024,
                _ => 0f,
            };
            Assert.Equal(w.Length, q.Length);
            for (var i = 0; i < w.Length; i++)
            {
                Assert.InRange(Math.Abs(w[i] - q[i]), 0, (step / 2 * 1.001) + 1e-9);
            }

            Assert.Equal(expected.Bias is null, actual.Bias is null);
            if (expected.ReadBias() is { } bias)
            {
                Assert.All(bias.Zip(actual.ReadBias()!), pair => Assert.Equal(pair.First, pair.Second, Math.Abs(pair.First) / 1024));
            }
        }
    }
}
