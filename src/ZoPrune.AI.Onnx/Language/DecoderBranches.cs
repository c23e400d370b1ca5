using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// Where a decoder does one thing or another for all tokens of a run: long-rope models change their rotary tables when the sequence gets
/// longer than the original context. Keys from before cannot stand beside keys from after.
/// </summary>
/// <param name="Thresholds">Lengths (or positions) at which it changes.</param>
/// <param name="Obstacle">Why what it does cannot be known beforehand; <c>null</c> if it can.</param>
internal sealed record DecoderBranches(IReadOnlyList<float> Thresholds, string? Obstacle)
{
    /// <summary>Operators whose result for one token depends on the other tokens of the run: they take one scale for all of them.</summary>
    private static readonly string[] s_wholeRun = ["DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM"];

    private static readonly string[] s_comparisons = ["Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal"];

    private static readonly string[] s_passages = ["Cast", "Identity", "Not", "Squeeze", "Unsqueeze", "Reshape"];

    public static DecoderBranches Read(OnnxGraph decoder)
    {
        NodeProto[] nodes = [.. WithBodies(decoder.Nodes)];
        if (nodes.FirstOrDefault(n => s_wholeRun.Contains(n.OpType)) is { } quantising)
        {
            return new DecoderBranches(
                [],
                $"the decoder quantises all tokens of a run with one scale ({quantising.OpType}), so a token depends on the run that it was "
                + "computed in");
        }

        var thresholds = new List<float>();
        foreach (var node in nodes.Where(n => n.OpType == "If"))
        {
            if (decoder.FindInput(node.Input[0]) is not null || ConstantTensor.Find(decoder, node.Input[0]) is not null)
            {
                // The flag use_cache_branch, or nothing that ever changes.
                continue;
            }

            // What a body computes by itself is not looked into: nothing is known of such a condition.
            if (FindThreshold(decoder, node.Input[0]) is not { } threshold)
            {
                return new DecoderBranches(
                    [], $"the decoder does one of two things depending on '{node.Input[0]}', of which it is not known when it changes");
            }

            thresholds.Add(threshold);
        }

        return new DecoderBranches([.. thresholds.Distinct()], null);
    }

    /// <summary>A number that is equal for runs that are treated alike. Some graphs look at lengths, some at the
    /// last position or the one behind it.</summary>
    public int RegimeOf(int length, long nextPosition)
    {
        var regime = 0;
        foreach (var threshold in Thresholds)
        {
            foreach (var number in (ReadOnlySpan<long>)[length, nextPosition - 1, nextPosition])
            {
                regime = (regime * 3) + 1 + Math.Sign(number - threshold);
            }
        }

        return regime;
    }

    private static IEnumerable<NodeProto> WithBodies(IEnumerable<NodeProto> nodes) =>
        nodes.SelectMany(n => WithBodies(n.Bodies().SelectMany(b => b.Node)).Prepend(n));

    private static float? FindThreshold(OnnxGraph decoder, string condition)
    {
        NodeProto? node;
        while ((node = decoder.ProducerOf(condition)) is not null && s_passages.Contains(node.OpType))
        {
            condition = node.Input[0];
        }

        return node is not null && s_comparisons.Contains(node.OpType)
            && (ConstantTensor.TryReadScalar(decoder, node.Input[0], out var value)
                || ConstantTensor.TryReadScalar(decoder, node.Input[1], out value))
                ? value
                : null;
    }
}
