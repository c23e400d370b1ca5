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
    public void Equal_rows_are_tied_in_order_and_a_repeated_row_is_no_structural_one()
    {
        var projected = new TokenMatrix(new float[] { 7, 7, 7 }, 3, 1);

        Assert.Equal([0, 1, 2, 0], RowTie.ByEquality(new TokenMatrix(new float[] { 7, 7, 7, 7 }, 4, 1), projected));
    }

    [Theory]
    [InlineData(1f, false)]
    [InlineData(1f, true)]
    [InlineData(0.17677669f, false)]
    [InlineData(0.17677669f, true)]
    [InlineData(-3f, false)]
    public void Rows_that_are_rounded_and_multiplied_behind_the_projector_are_tied(float factor, bool half)
    {
        var random = new Random(3);
        var projected = new TokenMatrix(Enumerable.Range(0, 200 * 32).Select(_ => (float)random.NextDouble() - 0.5f).ToArray(), 200, 32);
        var order = Enumerable.Range(0, 200).OrderBy(_ => random.Next()).Take(150).Select((row, i) => i % 10 == 9 ? -1 : row).ToArray();
        var output = new TokenMatrix(
            order.SelectMany(row => row < 0 ? Enumerable.Repeat(0.25f, 32) : projected.Row(row).ToArray().Select(v => Round(v * factor))).ToArray(), 150, 32);

        Assert.Equal(order, RowTie.ByEquality(output, projected));

        float Round(float value) => half ? (float)(Half)value : value;
    }

    [Fact]
    public void Rows_of_another_width_have_no_partners() =>
        Assert.Equal([-1, -1], RowTie.ByEquality(new TokenMatrix(new float[] { 1, 2, 3, 4 }, 2, 2), new TokenMatrix(new float[] { 1, 2, 3 }, 1, 3)));
}
