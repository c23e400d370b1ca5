using System.Globalization;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>
/// Says in words in which precision a graph keeps and multiplies its weights: by its nodes, and by what most weights are.
/// </summary>
internal static class WeightPrecision
{
    /// <summary>Weights of fewer numbers are biases, norms and constants; they do not make a graph what it is.</summary>
    private const int SmallWeight = 256;

    public static string Of(OnnxGraph graph, IReadOnlyList<NodeProto> nodes)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            if (Quantized(node) is { } name)
            {
                names.Add(name);
            }
        }

        var operators = nodes.Select(n => n.OpType).ToHashSet(StringComparer.Ordinal);
        if (operators.Contains("DequantizeLinear"))
        {
            var integers = graph.Initializers.Where(w => IsLarge(w) && IsInteger(w.ElementType)).Select(w => NameOf(w.ElementType)).Distinct().Order(StringComparer.Ordinal).ToArray();
            var isStatic = operators.Contains("QuantizeLinear");
            foreach (var type in integers.Length > 0 ? integers : ["integers"])
            {
                names.Add($"{type} {(isStatic ? "static (QuantizeLinear)" : "weights only (DequantizeLinear)")}");
            }
        }

        var floats = graph.Initializers.Where(w => IsLarge(w) && IsFloat(w.ElementType))
            .GroupBy(w => w.ElementType)
            .OrderByDescending(g => g.Sum(Numbers))
            .Select(g => NameOf(g.Key))
            .ToArray();
        if (floats.Length == 0 && names.Count == 0)
        {
            floats = [.. graph.Initializers.Where(w => IsFloat(w.ElementType)).GroupBy(w => w.ElementType).OrderByDescending(g => g.Count()).Select(g => NameOf(g.Key)).Take(1)];
        }

        string[] all = [.. names, .. floats];
        return all.Length switch
        {
            0 => "no weights",
            1 => all[0],
            _ => "mixed: " + string.Join(", ", all),
        };
    }

    /// <summary>What ONNX calls an element type, spelt out.</summary>
    public static string NameOf(TensorElementType type) => type switch
    {
        TensorElementType.Float => "float32",
        TensorElementType.Double => "float64",
        (TensorElementType)21 => "uint4",
        (TensorElementType)22 => "int4",
        (TensorElementType)23 => "float4",
        0 => "undeclared",
        _ => Enum.IsDefined(type) ? type.ToString().ToLowerInvariant() : ((int)type).ToString(CultureInfo.InvariantCulture),
    };

    private static string? Quantized(NodeProto node) => node.OpType switch
    {
        "MatMulNBits" or "GatherBlockQuantized" =>
            $"int{node.Int("bits", 4).ToString(CultureInfo.InvariantCulture)} {node.OpType} in blocks of {node.Int("block_size", node.OpType == "MatMulNBits" ? 32 : 128).ToString(CultureInfo.InvariantCulture)}",
        "MatMulBnb4" => $"{(node.Int("quant_type") == 0 ? "fp4" : "nf4")} MatMulBnb4",
        "DynamicQuantizeLinear" or "DynamicQuantizeMatMul" or "DynamicQuantizeLSTM" => "int8 dynamic",
        "QLinearMatMul" or "QLinearConv" or "QGemm" or "QAttention" => "int8 static (QLinear operators)",
        _ => null,
    };

    private static bool IsLarge(GraphInitializer weight) => Numbers(weight) >= SmallWeight;

    private static double Numbers(GraphInitializer weight) => weight.Shape.Aggregate(1.0, (product, d) => product * d);

    private static bool IsFloat(TensorElementType type) =>
        type is TensorElementType.Float or TensorElementType.Float16 or TensorElementType.BFloat16 or TensorElementType.Double;

    private static bool IsInteger(TensorElementType type) =>
        type is TensorElementType.Int8 or TensorElementType.UInt8 or TensorElementType.Int16 or TensorElementType.UInt16 or (TensorElementType)21 or (TensorElementType)22;
}
