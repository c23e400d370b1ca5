using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Tests.Graphs;

namespace ZoPrune.AI.Onnx.Tests.Engine;

public sealed class DecoderBranchesTests
{
    [Fact]
    public void A_threshold_of_the_last_position_parts_what_stands_before_and_behind_it()
    {
        var branches = Read(new TinyGraph("x", 4).Weight("limit", [100f])
            .Node("ReduceMax", ["x"], "last")
            .Node("Greater", ["last", "limit"], "is_long")
            .Node("If", ["is_long"], "z", "", Branches("Identity", "x")));

        Assert.Null(branches.Obstacle);
        Assert.Equal([100f], branches.Thresholds);

        // A gap in the positions: the sequence is far longer than the threshold, or far shorter.
        foreach (var length in new[] { 40, 400 })
        {
            Assert.Equal(branches.RegimeOf(length, 90), branches.RegimeOf(length, 99));
            Assert.NotEqual(branches.RegimeOf(length, 101), branches.RegimeOf(length, 102));
            Assert.Equal(branches.RegimeOf(length, 102), branches.RegimeOf(length, 900));
        }
    }

    [Theory]
    [InlineData("DynamicQuantizeLinear", "DynamicQuantizeLinear")]
    [InlineData("If", "'x'")]
    public void What_bodies_do_counts(string op, string expected)
    {
        // The outer branch is one that never changes.
        var inner = op == "If" ? Branches("Identity", "x") : [];
        var branches = Read(new TinyGraph("y", 4).Weight("yes", [1f])
            .Node("Abs", ["y"], "x")
            .Node("If", ["yes"], "z", "", Branches(op, "x", inner)));

        Assert.Contains(expected, branches.Obstacle, StringComparison.Ordinal);
    }

    private static DecoderBranches Read(TinyGraph graph) => DecoderBranches.Read(OnnxGraph.Read(graph.Save("z", 4)));

    private static AttributeProto[] Branches(string op, string input, params AttributeProto[] attributes)
    {
        var body = new GraphProto { Name = "body" };
        var node = new NodeProto { OpType = op };
        node.Input.Add(input);
        node.Output.Add("inner");
        node.Attribute.AddRange(attributes);
        body.Node.Add(node);
        body.Output.Add(new ValueInfoProto { Name = "inner" });
        return
        [
            new AttributeProto { Name = "then_branch", Type = 5, G = body },
            new AttributeProto { Name = "else_branch", Type = 5, G = body },
        ];
    }
}
