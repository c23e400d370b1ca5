using ZoPrune.AI.Onnx.Vision;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Tests.Vision;

public sealed class RowTieTests
{
    [Fact]
    public void Reordered_rows_are_tied_and_rows_without_a_partner_are_structural()
    {
        var projected = new TokenMatrix(new float[] { 1, 2, 3, 4, 5, 6 }, 3, 2);
        var output = new TokenMatrix(new float[] { 5, 6, 0, 0, 1, 2, 9, 9, 3, 4 }, 5, 2);

        var tie = RowTie.ByEquality(output, projected);

        Assert.Equal([2, -1, 0, -1, 1], tie);
        Assert.Equal([50f, 0, 10, 0, 30], RowTie.Gather(new TokenMatrix(new float[] { 10, 30, 50 }, 3, 1), tie).Values.ToArray());
    }

    [Fact]
    public void Equal_rows_are_tied_in_order()
    {
        var projected = new TokenMatrix(new float[] { 7, 7, 7 }, 3, 1);

        Assert.Equal([0, 1, 2, -1], RowTie.ByEquality(new TokenMatrix(new float[] { 7, 7, 7, 7 }, 4, 1), projected));
    }
}
