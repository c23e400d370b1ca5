using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>
/// The end of a decoder that makes logits of hidden states, one row a token and none of them dependent on another: a product with a
/// constant matrix, perhaps with a bias or a cap behind it.
/// </summary>
/// <param name="ProductIndex">The number of the product among the graph's nodes.</param>
/// <param name="OutputIndex">The number of the logits among the graph's outputs.</param>
internal sealed record OutputHead(int ProductIndex, int OutputIndex)
{
    /// <summary>The input that says which rows of the hidden states get logits, int64 [rows].</summary>
    public const string RowsInput = "zoprune.logits_rows";

    /// <summary>The hidden states of those rows.</summary>
    public const string ChosenStates = "zoprune.logits_states";

    /// <summary>Nodes between the product and the logits: a bias and a soft cap are four.</summary>
    private const int MaxNodes = 6;

    /// <summary>The graph is held in memory while a session is made of it; larger ones have weights within, and stay as they are.</summary>
    private const long LargestFile = 64 << 20;

    private const int ScalesInput = 2;

    // In float32 alone: half floats are rounded elsewhere when fewer rows are multiplied.
    // Not Gemm, which takes matrices, so that rows of a batch are not told apart; nor integer products, whose scale is that of all rows.
    private static readonly string[] s_products = ["MatMul", "MatMulNBits"];

    private static readonly string[] s_unary = ["Cast", "Identity", "Tanh"];

    private static readonly string[] s_binary = ["Add", "Mul", "Div", "Sub"];

    /// <summary>Recognises the head; <c>null</c> if the logits come about in another way.</summary>
    /// <param name="decoder">The graph.</param>
    /// <param name="logits">The output [batch, tokens, vocabulary].</param>
    public static OutputHead? Find(OnnxGraph decoder, GraphValue logits)
    {
        if (logits.Rank != 3 || new FileInfo(decoder.File).Length > LargestFile || IsTaken(decoder, RowsInput) || IsTaken(decoder, ChosenStates))
        {
            return null;
        }

        var tensor = logits.Name;
        for (var depth = 0; depth <= MaxNodes; depth++)
        {
            // Whatever else read the rows would miss those that are not made.
            var isOutput = decoder.FindOutput(tensor) is not null;
            if (decoder.ProducerOf(tensor) is not { } node || IsRead(decoder, tensor, atMost: depth == 0 ? 0 : 1) || isOutput != (depth == 0))
            {
                return null;
            }

            if (s_products.Contains(node.OpType))
            {
                return IsHead(decoder, node) ? new OutputHead(IndexOf(decoder.Nodes, node), IndexOf(decoder.Outputs, logits)) : null;
            }

            if (Inner(decoder, node) is not { } inner)
            {
                return null;
            }

            tensor = inner;
        }

        return null;
    }

    private static bool IsTaken(OnnxGraph graph, string tensor) =>
        graph.FindInput(tensor) is not null || graph.ProducerOf(tensor) is not null || graph.Initializer(tensor) is not null;

    private static bool IsRead(OnnxGraph graph, string tensor, int atMost) =>
        graph.Nodes.Sum(n => n.Input.Count(i => i == tensor) + SubgraphCaptures.Of(n).Count(i => i == tensor)) > atMost;

    private static bool IsHead(OnnxGraph graph, NodeProto product) =>
        product.Input.Count > (product.OpType == "MatMul" ? 1 : ScalesInput)
        && product.Output.Count == 1
        && product.Input.Skip(1).All(i => i.Length == 0 || graph.Initializer(i) is not null || ConstantTensor.Find(graph, i) is not null)
        && graph.Initializer(product.Input[0]) is null
        && ConstantTensor.Find(graph, product.Input[product.OpType == "MatMul" ? 1 : ScalesInput]) is { ElementType: TensorElementType.Float } weight
        && (product.OpType != "MatMul" || weight.Shape.Count == 2);

    /// <summary>What a node does to each row alone, and to all of them alike.</summary>
    private static string? Inner(OnnxGraph graph, NodeProto node)
    {
        if (s_unary.Contains(node.OpType))
        {
            return node.InputAt(0);
        }

        if (!s_binary.Contains(node.OpType) || node.Input.Count != 2)
        {
            return null;
        }

        var (first, second) = (IsOneRow(graph, node.Input[0]), IsOneRow(graph, node.Input[1]));
        return first == second ? null : node.Input[first ? 1 : 0];
    }

    private static bool IsOneRow(OnnxGraph graph, string tensor) => ConstantTensor.Find(graph, tensor) is { Shape.Count: <= 1 };

    private static int IndexOf<T>(IReadOnlyList<T> list, T item)
        where T : class
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (ReferenceEquals(list[i], item))
            {
                return i;
            }
        }

        return -1;
    }
}
