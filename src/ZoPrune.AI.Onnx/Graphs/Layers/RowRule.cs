using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>What a node that computes nothing does with rows.</summary>
/// <param name="Sources">The inputs that rows come from.</param>
/// <param name="KeepsOrder">Whether row i of the output is row i of the input.</param>
internal sealed record RowRule(Func<NodeProto, IEnumerable<string>> Sources, bool KeepsOrder)
{
    private static readonly RowRule s_view = new(static node => [node.InputAt(0)], true);
    private static readonly RowRule s_rearranged = new(static node => [node.InputAt(0)], false);
    private static readonly RowRule s_joined = new(static node => node.Input, false);
    private static readonly RowRule s_none = new(static _ => [], false);

    private static readonly Dictionary<string, RowRule> s_rules = new(StringComparer.Ordinal)
    {
        ["Identity"] = s_view,
        ["Cast"] = s_view,
        ["Dropout"] = s_view,
        ["Reshape"] = s_view,
        ["Squeeze"] = s_view,
        ["Unsqueeze"] = s_view,
        ["Flatten"] = s_view,
        ["QuantizeLinear"] = s_view,
        ["DequantizeLinear"] = s_view,
        ["Transpose"] = s_rearranged,
        ["Slice"] = s_rearranged,
        ["Split"] = s_rearranged,
        ["Gather"] = s_rearranged,
        ["GatherND"] = s_rearranged,
        ["GatherElements"] = s_rearranged,
        ["Compress"] = s_rearranged,
        ["Expand"] = s_rearranged,
        ["Tile"] = s_rearranged,
        ["Pad"] = s_rearranged,
        ["SplitToSequence"] = s_rearranged,
        ["SequenceAt"] = s_rearranged,
        ["ConcatFromSequence"] = s_rearranged,
        ["SequenceConstruct"] = s_joined,
        ["SequenceEmpty"] = s_none,
        ["SequenceInsert"] = new(static node => [node.InputAt(0), node.InputAt(1)], false),
        ["Where"] = new(static node => [node.InputAt(1), node.InputAt(2)], false),
        ["ScatterND"] = new(static node => [node.InputAt(0), node.InputAt(2)], false),
        ["ScatterElements"] = new(static node => [node.InputAt(0), node.InputAt(2)], false),
    };

    /// <summary>The rule of a node; <c>null</c> if it does more than move rows.</summary>
    public static RowRule? Of(NodeProto node) => node.OpType == "Concat"
        ? node.Input.Count == 1 ? s_view : s_joined
        : s_rules.GetValueOrDefault(node.OpType);
}
