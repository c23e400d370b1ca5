using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// Recognises embedding graphs that look ordinary tokens up in a table. What puts visual tokens in is followed for a run over one token
/// that is none: what is scattered to nowhere and chosen never leaves the row as it is. A graph with any other node on the way is not
/// recognised.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="ids">Its input of token ids.</param>
/// <param name="width">The width of an embedding.</param>
internal sealed class EmbeddingLookupFinder(OnnxGraph graph, GraphValue ids, int width)
{
    /// <summary>Nodes between the table and the result: exporters write one to four.</summary>
    private const int MaxNodes = 16;

    /// <summary>Up to here, comparisons with constants that are read as float32 say for every id what the graph's own say.</summary>
    private const int MaxRows = 1 << 24;

    /// <summary>Axes of the result: a constant with more would add some.</summary>
    private const int Axes = 3;

    private readonly List<IdRange> _others = [];

    /// <summary>Recognises the graph; <c>null</c> if it does more, or the table cannot be read where it lies.</summary>
    public static EmbeddingLookup? Find(OnnxGraph graph, GraphValue ids, GraphValue embeddings, int width) =>
        BitConverter.IsLittleEndian
        && new EmbeddingLookupFinder(graph, ids, width).Row(embeddings.Name, MaxNodes) is { } row
        && row.Result == embeddings.ElementType
            ? row with { Others = [.. row.Others] }
            : null;

    private EmbeddingLookup? Row(string tensor, int depth)
    {
        if (depth == 0 || Producer(tensor) is not { } node)
        {
            return null;
        }

        return node.OpType switch
        {
            "Identity" => Row(node.InputAt(0), depth - 1),
            "Gather" => Table(node),
            "Cast" => Widened(node, Row(node.InputAt(0), depth - 1)),
            "Mul" => Scaled(Row(node.InputAt(0), depth - 1), node.InputAt(1)) ?? Scaled(Row(node.InputAt(1), depth - 1), node.InputAt(0)),
            "ScatterND" => IsScatteredByIds(node) ? Row(node.InputAt(0), depth - 1) : null,
            "Where" => IsChosenByIds(node) ? Row(node.InputAt(2), depth - 1) : null,
            _ => null,
        };
    }

    private EmbeddingLookup? Table(NodeProto node)
    {
        if (node.Int("axis") != 0
            || graph.Initializer(node.InputAt(0)) is not { } weight
            || !Floats.IsFloat(weight.ElementType)
            || weight.Shape is not [> 0 and <= MaxRows and var rows, var columns]
            || columns != width
            || columns * Floats.SizeOf(weight.ElementType) > Array.MaxLength
            || TensorData.PlaceOf(graph, weight) is not { } place
            || !IsIds(node.InputAt(1)))
        {
            return null;
        }

        return new EmbeddingLookup(
            place.File, place.Offset, (int)rows, width, weight.ElementType, Result: weight.ElementType, Factor: null, _others);
    }

    /// <summary>To float32 every float of another type is exact; the other way is left to the graph.</summary>
    private static EmbeddingLookup? Widened(NodeProto node, EmbeddingLookup? row)
    {
        var to = (TensorElementType)node.Int("to");
        return row is not null && (to == row.Result || to == TensorElementType.Float) ? row with { Result = to } : null;
    }

    private EmbeddingLookup? Scaled(EmbeddingLookup? row, string factor) =>
        row is { Factor: null, Result: TensorElementType.Float }
        && ConstantTensor.FindStored(graph, factor) is { Count: 1, Shape.Count: <= Axes, ElementType: TensorElementType.Float } constant
            ? row with { Factor = constant.Values()[0] }
            : null;

    /// <summary>Whether rows are put where ids pass a test: at the places of what is not zero.</summary>
    private bool IsScatteredByIds(NodeProto node) =>
        Producer(node.InputAt(1)) is { OpType: "Transpose" } transpose
        && transpose.Ints("perm") is [] or [1, 0]
        && Producer(transpose.InputAt(0)) is { OpType: "NonZero" } places
        && Test(places.InputAt(0));

    /// <summary>Whether rows are chosen where ids pass a test, out of two tensors of one shape.</summary>
    private bool IsChosenByIds(NodeProto node)
    {
        var condition = Producer(node.InputAt(0)) is { OpType: "Unsqueeze" } unsqueeze && IsOneAxis(unsqueeze)
            ? unsqueeze.InputAt(0)
            : node.InputAt(0);
        return Producer(node.InputAt(1)) is { OpType: "Reshape" } reshape
            && Producer(reshape.InputAt(1)) is { OpType: "Shape", Attribute.Count: 0 } shape
            && shape.InputAt(0) == node.InputAt(2)
            && Test(condition);
    }

    private bool IsOneAxis(NodeProto unsqueeze) =>
        unsqueeze.Input.Count > 1
            ? ConstantTensor.FindStored(graph, unsqueeze.InputAt(1)) is { Count: 1 }
            : unsqueeze.Ints("axes") is [_];

    /// <summary>Takes down with which ids a test is passed.</summary>
    private bool Test(string tensor)
    {
        if (Producer(tensor) is not { } node)
        {
            return false;
        }

        var (first, second) = (node.InputAt(0), node.InputAt(1));
        if (node.OpType == "Equal" && !IsIds(first))
        {
            (first, second) = (second, first);
        }

        if (!IsIds(first) || !TryReadInteger(second, out var number))
        {
            return false;
        }

        IdRange? passed = node.OpType switch
        {
            "Equal" => new IdRange(number, number),
            "Less" => new IdRange(double.NegativeInfinity, number - 1),
            "LessOrEqual" => new IdRange(double.NegativeInfinity, number),
            "Greater" => new IdRange(number + 1, double.PositiveInfinity),
            "GreaterOrEqual" => new IdRange(number, double.PositiveInfinity),
            _ => null,
        };
        if (passed is { } range)
        {
            _others.Add(range);
        }

        return passed is not null;
    }

    /// <summary>Whether a tensor is the ids, perhaps in another type or with those outside some bounds changed.</summary>
    private bool IsIds(string tensor)
    {
        for (var depth = MaxNodes; depth > 0 && tensor != ids.Name; depth--)
        {
            if (Producer(tensor) is not { } node)
            {
                return false;
            }

            switch (node.OpType)
            {
                case "Identity":
                case "Cast" when (TensorElementType)node.Int("to") is TensorElementType.Int64 or TensorElementType.Int32:
                    break;
                case "Clip" when TryReadInteger(node.InputAt(1), out var least) && TryReadInteger(node.InputAt(2), out var most):
                    _others.Add(new IdRange(double.NegativeInfinity, least - 1));
                    _others.Add(new IdRange(most + 1, double.PositiveInfinity));
                    break;
                default:
                    return false;
            }

            tensor = node.InputAt(0);
        }

        return tensor == ids.Name;
    }

    private bool TryReadInteger(string tensor, out double number)
    {
        number = 0;
        if (ConstantTensor.FindStored(graph, tensor) is not { Count: 1, Shape.Count: <= Axes } constant
            || constant.ElementType is not (TensorElementType.Int64 or TensorElementType.Int32))
        {
            return false;
        }

        number = constant.Values()[0];
        return true;
    }

    /// <summary>The node that makes a tensor, if it is of ONNX's own operators.</summary>
    private NodeProto? Producer(string tensor) =>
        graph.ProducerOf(tensor) is { Domain: "" or "ai.onnx" } node && node.Output[0] == tensor ? node : null;
}
