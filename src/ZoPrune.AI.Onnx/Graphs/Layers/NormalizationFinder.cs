using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>
/// Finds the normalisation whose rows an affine map takes: back over moves of whole rows (views, the transpositions of a pixel shuffle),
/// over gain and bias, to a fused node or to the root mean square or standard deviation that rows are divided by.
/// </summary>
internal static class NormalizationFinder
{
    /// <summary>A pixel shuffle has five moves; casts may stand between them.</summary>
    private const int MaxMoves = 32;

    private static readonly HashSet<string> s_moves = new(StringComparer.Ordinal)
    {
        "Identity", "Cast", "Dropout", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose", "Gather", "GatherND", "Slice",
        "DequantizeLinear",
    };

    private static readonly Dictionary<string, FusedNorm> s_fused = new(StringComparer.Ordinal)
    {
        ["LayerNormalization"] = new(NormalizationKind.LayerNorm, 1, 1, -1, 1e-5f),
        ["SimplifiedLayerNormalization"] = new(NormalizationKind.RmsNorm, 1, 1, -1, 1e-5f),
        ["RMSNormalization"] = new(NormalizationKind.RmsNorm, 1, 1, -1, 1e-5f),
        ["SkipLayerNormalization"] = new(NormalizationKind.LayerNorm, 2, 2, 4, 1e-12f),
        ["SkipSimplifiedLayerNormalization"] = new(NormalizationKind.RmsNorm, 2, 2, 3, 1e-12f),
    };

    /// <summary>The normalisation before a map's input; <c>null</c> if something else, or nothing that is understood, feeds it.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">The map's input.</param>
    /// <param name="inputWidth">Its width, a multiple of that of the normalisation.</param>
    public static Normalization? Find(OnnxGraph graph, string input, int inputWidth)
    {
        var (tensor, keepsOrder) = (input, true);
        for (var moves = 0; moves < MaxMoves; moves++)
        {
            var unquantized = Passage.Unquantized(graph, tensor);
            if (unquantized != tensor)
            {
                tensor = unquantized;
                continue;
            }

            if (Match(graph, tensor, inputWidth, keepsOrder) is { } found)
            {
                return found;
            }

            if (graph.ProducerOf(tensor) is not { } node || !s_moves.Contains(node.OpType) || RowRule.Of(node) is not { } rule)
            {
                return null;
            }

            keepsOrder &= rule.KeepsOrder;
            tensor = node.InputAt(0);
        }

        return null;
    }

    private static Normalization? Match(OnnxGraph graph, string output, int inputWidth, bool keepsOrder)
    {
        var gains = new List<ConstantTensor>();
        var tensor = output;
        var bias = graph.ProducerOf(tensor) is { OpType: "Add" } add ? Operand(graph, add) : null;
        tensor = bias?.Other ?? tensor;

        // A gain, and a factor such as the root of the width that some models add to it.
        for (var i = 0; i < 3; i++)
        {
            if (Core(graph, Passage.Source(graph, tensor)) is { } core)
            {
                return Complete(core, [.. gains, .. core.Gains], output, inputWidth, keepsOrder, graph);
            }

            if (graph.ProducerOf(Passage.Source(graph, tensor)) is not { OpType: "Mul" } multiply
                || Operand(graph, multiply) is not { } gain)
            {
                return null;
            }

            gains.Add(gain.Constant);
            tensor = gain.Other;
        }

        return null;
    }

    private static Normalization? Complete(
        NormCore core, List<ConstantTensor> gains, string output, int inputWidth, bool keepsOrder, OnnxGraph graph)
    {
        var widths = gains.Where(g => g.Count > 1).Select(g => g.Count)
            .Append(WidthOf(graph, core.Inputs[0]) ?? 0)
            .Where(w => w > 0)
            .Distinct()
            .ToArray();
        var width = widths.Length == 0 ? inputWidth : (int)Math.Min(widths[0], int.MaxValue);
        return widths.Length <= 1 && width > 0 && inputWidth % width == 0 && (core.InputBias is null || core.InputBias.Count == width)
            ? new Normalization(core.Kind, core.Inputs, core.InputBias, output, width, gains, core.Epsilon, keepsOrder)
            : null;
    }

    private static NormCore? Core(OnnxGraph graph, string tensor)
    {
        var node = graph.ProducerOf(tensor);
        if (node is null)
        {
            return null;
        }

        return s_fused.TryGetValue(node.OpType, out var fused)
            ? node.Output[0] == tensor ? fused.Read(graph, node) : null
            : node.OpType switch
            {
                "Div" => WrittenOut(graph, node.InputAt(0), Root(graph, node.InputAt(1), 0.5f)),
                "Mul" => WrittenOut(graph, node.InputAt(0), Root(graph, node.InputAt(1), -0.5f))
                    ?? WrittenOut(graph, node.InputAt(1), Root(graph, node.InputAt(0), -0.5f)),
                _ => null,
            };
    }

    /// <summary><c>x / root</c>, where the root is that of the mean of x², and x may be something with its own mean taken off.</summary>
    private static NormCore? WrittenOut(OnnxGraph graph, string x, (string Mean, float Epsilon)? root)
    {
        if (root is not var (mean, epsilon)
            || MeanOf(graph, mean) is not { } square
            || SquareOf(graph, square) is not { } squared
            || Passage.Source(graph, squared) != Passage.Source(graph, x))
        {
            return null;
        }

        return graph.ProducerOf(Passage.Source(graph, x)) is { OpType: "Sub" } centred
            && MeanOf(graph, centred.InputAt(1)) is { } whole
            && Passage.Source(graph, whole) == Passage.Source(graph, centred.InputAt(0))
                ? new NormCore(NormalizationKind.LayerNorm, [centred.InputAt(0)], null, [], epsilon)
                : new NormCore(NormalizationKind.RmsNorm, [x], null, [], epsilon);
    }

    /// <summary>Reads <c>(mean + ε)^exponent</c>, as a power, a root, or one divided by a root.</summary>
    private static (string Mean, float Epsilon)? Root(OnnxGraph graph, string tensor, float exponent)
    {
        var node = graph.ProducerOf(Passage.Source(graph, tensor));
        switch (node?.OpType)
        {
            case "Sqrt" when exponent > 0:
                return Sum(graph, node.InputAt(0));
            case "Pow" when ConstantTensor.TryReadScalar(graph, node.InputAt(1), out var power) && power == exponent:
                return Sum(graph, node.InputAt(0));
            case "Reciprocal" when exponent < 0:
                return Root(graph, node.InputAt(0), 0.5f);
            case "Div" when exponent < 0 && ConstantTensor.TryReadScalar(graph, node.InputAt(0), out var one) && one == 1:
                return Root(graph, node.InputAt(1), 0.5f);
            default:
                return null;
        }
    }

    private static (string Mean, float Epsilon)? Sum(OnnxGraph graph, string tensor)
    {
        tensor = Passage.Source(graph, tensor);
        return graph.ProducerOf(tensor) is { OpType: "Add" } add && Operand(graph, add) is { Constant.Count: 1 } epsilon
            ? (epsilon.Other, epsilon.Constant.Values()[0])
            : (tensor, 0);
    }

    private static string? MeanOf(OnnxGraph graph, string tensor)
    {
        var node = graph.ProducerOf(Passage.Source(graph, tensor));
        if (node?.OpType != "ReduceMean" || node.Int("keepdims", 1) != 1)
        {
            return null;
        }

        var axes = node.Ints("axes");
        if (axes.Count == 0 && node.InputAt(1).Length > 0)
        {
            axes = ConstantTensor.Find(graph, node.InputAt(1)) is { Count: 1 } input ? [(long)input.Values()[0]] : [];
        }

        // The first axis is that of images or tokens; which of the others is the last cannot be said without the rank.
        return axes is [-1 or > 0] ? node.InputAt(0) : null;
    }

    private static string? SquareOf(OnnxGraph graph, string tensor)
    {
        var node = graph.ProducerOf(Passage.Source(graph, tensor));
        return node?.OpType switch
        {
            "Pow" when ConstantTensor.TryReadScalar(graph, node.InputAt(1), out var power) && power == 2 => node.InputAt(0),
            "Mul" when node.InputAt(0) == node.InputAt(1) => node.InputAt(0),
            _ => null,
        };
    }

    /// <summary>The constant operand of a node with two, and the other one.</summary>
    private static (ConstantTensor Constant, string Other)? Operand(OnnxGraph graph, NodeProto node) =>
        ConstantTensor.Find(graph, node.InputAt(1)) is { } second ? (second, node.InputAt(0))
        : ConstantTensor.Find(graph, node.InputAt(0)) is { } first ? (first, node.InputAt(1))
        : null;

    private static long? WidthOf(OnnxGraph graph, string tensor) =>
        graph.Model.Graph.ValueInfo.FirstOrDefault(v => v.Name == tensor)?.Type?.TensorType?.Shape?.Dim
            is [.., { ValueCase: DimensionProto.ValueOneofCase.DimValue } last]
            ? last.DimValue
            : null;

    /// <summary>A normalisation without what comes behind it.</summary>
    private sealed record NormCore(
        NormalizationKind Kind, IReadOnlyList<string> Inputs, ConstantTensor? InputBias, IReadOnlyList<ConstantTensor> Gains,
        float Epsilon);

    /// <summary>What the inputs of a fused node are: how many are added up, then where gain and input bias stand (-1: nowhere).</summary>
    private sealed record FusedNorm(NormalizationKind Kind, int Summands, int Gain, int InputBias, float DefaultEpsilon)
    {
        public NormCore? Read(OnnxGraph graph, NodeProto node)
        {
            var gain = ConstantTensor.Find(graph, node.InputAt(Gain));
            var bias = InputBias < 0 ? null : ConstantTensor.Find(graph, node.InputAt(InputBias));
            var understood = (gain is not null || node.InputAt(Gain).Length == 0)
                && (InputBias < 0 || bias is not null || node.InputAt(InputBias).Length == 0);

            // Axes from 1 on may be the last one; several axes together would show in a gain of another width.
            return understood && node.Int("axis", -1) is (-1 or > 0)
                ? new NormCore(Kind, [.. node.Input.Take(Summands)], bias, gain is null ? [] : [gain], node.Number("epsilon", DefaultEpsilon))
                : null;
        }
    }
}
