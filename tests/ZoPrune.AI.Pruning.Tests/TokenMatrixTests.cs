namespace ZoPrune.AI.Pruning.Tests;

public class TokenMatrixTests
{
    private static readonly float[] Six = [0, 1, 2, 3, 4, 5];

    [Fact]
    public void Rows_slices_and_gathered_rows_are_what_they_say()
    {
        var matrix = new TokenMatrix(Six, 3, 2);
        Assert.Equal([2f, 3f], matrix.Row(1).ToArray());
        Assert.Equal([2f, 3f, 4f, 5f], matrix.Slice(1, 2).Values.ToArray());
        Assert.Equal([4f, 5f, 0f, 1f], matrix.Gather([2, 0]).Values.ToArray());
        Assert.True(matrix.Gather([1, 2]).Values.Span.Overlaps(Six)); // a run is not copied
        Assert.Equal(0, matrix.Gather([]).Rows);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        Assert.Contains("[2, 2]", Assert.Throws<ArgumentException>(() => new TokenMatrix(Six, 2, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenMatrix(Six, -3, -2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenMatrix(default, 0, 0));
        var matrix = new TokenMatrix(Six, 3, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Row(3).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Slice(1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Gather([0, 7]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenGrid(0, 3));
    }
}
