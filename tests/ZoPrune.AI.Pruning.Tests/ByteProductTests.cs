namespace ZoPrune.AI.Pruning.Tests;

public class ByteProductTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    [InlineData(52)]
    [InlineData(1024)]
    public void Is_the_sum_of_products_to_the_last_unit(int columns)
    {
        var random = new Random(columns);
        var stride = columns + 7;
        var rows = new sbyte[ByteProduct.Rows, columns];
        var block = new sbyte[ByteProduct.Rows * columns];
        var tokens = new byte[ByteProduct.Tokens * stride];
        var start = new int[ByteProduct.Rows];
        random.NextBytes(tokens);
        for (var row = 0; row < ByteProduct.Rows; row++)
        {
            start[row] = random.Next(-100_000, 100_000);
            for (var column = 0; column < columns; column++)
            {
                // Both ends are among them: neither pairs nor fours of products may saturate.
                rows[row, column] = (sbyte)(row == 0 ? 127 : row == 1 ? -128 : random.Next(-128, 128));
                block[ByteProduct.Place(row, column)] = rows[row, column];
            }
        }

        tokens.AsSpan(0, columns).Fill(255);
        var sums = new int[ByteProduct.Rows * ByteProduct.Tokens];
        var oneByOne = new int[sums.Length];
        ByteProduct.Multiply(block, start, tokens, stride, sums);
        ByteProduct.MultiplyOneByOne(block, start, tokens, stride, oneByOne);
        for (var token = 0; token < ByteProduct.Tokens; token++)
        {
            for (var row = 0; row < ByteProduct.Rows; row++)
            {
                var expected = start[row] + Enumerable.Range(0, columns).Sum(column => rows[row, column] * tokens[(token * stride) + column]);
                Assert.Equal(expected, sums[(token * ByteProduct.Rows) + row]);
                Assert.Equal(expected, oneByOne[(token * ByteProduct.Rows) + row]);
            }
        }
    }

    [Fact]
    public void Every_entry_of_a_block_has_its_own_place()
    {
        var places = from row in Enumerable.Range(0, ByteProduct.Rows) from column in Enumerable.Range(0, 32) select ByteProduct.Place(row, column);
        Assert.Equal(Enumerable.Range(0, ByteProduct.Rows * 32), places.Order());
    }
}
