namespace ZoPrune.AI.Pruning.Tests;

public class SelectorTests
{
    [Fact]
    public void Sads_weighs_distance_with_sensitivity()
    {
        // Normalised sensitivities 1, 0.9, 0.2, 0.8, 0. First row 0; then the scores are 0.9 * 0.015, 0.2 * 1, 0.8 * 1.174 and 0.
        var input = Angles([0, 10, 90, 100, 5], [2f, 1.9f, 1.2f, 1.8f, 1f]);
        Assert.Equal([0, 3], new SadsSelector().Select(input, 2));
    }

    [Fact]
    public void Weight_zero_is_diversity_behind_the_first_pick()
    {
        // Behind row 1 the farthest is at 170 degrees, though it is the least sensitive.
        var input = Angles([0, 10, 90, 180], [1.5f, 2f, 1.9f, 1f]);
        Assert.Equal([1, 2, 0, 3], new SadsSelector().Select(input, 4));
        Assert.Equal([1, 3, 2, 0], new SadsSelector(new SadsOptions { SensitivityWeight = 0 }).Select(input, 4));
    }

    [Fact]
    public void A_floor_of_one_is_diversity_behind_the_first_pick_and_half_a_floor_lies_between()
    {
        var input = Angles([0, 10, 90, 180], [1.5f, 2f, 1.9f, 1f]);
        Assert.Equal([1, 3, 2, 0], new SadsSelector(new SadsOptions { SensitivityFloor = 1 }).Select(input, 4));

        // Floor 0.4: row 2 has 0.94 * (1 - cos 80) = 0.777, row 3 has 0.4 * (1 - cos 170) = 0.794; floor 0.35: 0.769 and 0.695.
        Assert.Equal(3, new SadsSelector(new SadsOptions { SensitivityFloor = 0.4 }).Select(input, 2)[1]);
        Assert.Equal(2, new SadsSelector(new SadsOptions { SensitivityFloor = 0.35 }).Select(input, 2)[1]);
    }

    [Fact]
    public void Sensitivities_in_proportion_count_as_much_as_they_differ()
    {
        // First row 1. Published: row 3 is worth 0. In proportion: row 2 has 0.95 * (1 - cos 80) = 0.785, row 3 has 0.5 * (1 - cos 170) =
        // 0.992.
        var input = Angles([0, 10, 90, 180], [1.5f, 2f, 1.9f, 1f]);
        Assert.Equal([1, 2, 0, 3], new SadsSelector(SadsOptions.Published).Select(input, 4));
        Assert.Equal([1, 3, 2, 0], new SadsSelector(SadsOptions.Proportional).Select(input, 4));

        // A spread of 2 %: by distance alone 170 beats 80 degrees; only min-max lets the small difference decide.
        var narrow = Angles([0, 10, 90, 180], [1.99f, 2f, 1.999f, 1.96f]);
        Assert.Equal([1, 2], new SadsSelector(SadsOptions.Published).Select(narrow, 2));
        Assert.Equal([1, 3], new SadsSelector(SadsOptions.Proportional).Select(narrow, 2));
    }

    [Fact]
    public void Ties_go_to_the_lower_index()
    {
        var input = Angles([0, 90, 270, 90, 0], [2f, 1.5f, 1.5f, 1.5f, 2f]);
        Assert.Equal([0, 1, 2], new SadsSelector().Select(input, 3));
        Assert.Equal([0, 4, 1, 2, 3], new TopSensitivitySelector().Select(input, 5));
    }

    [Fact]
    public void Without_sensitivity_the_first_pick_is_row_0()
    {
        var input = new SelectionInput { Embeddings = Angles([0, 30, 180, 100], []).Embeddings };
        Assert.Equal([0, 2, 3, 1], new SadsSelector().Select(input, 4));
    }

    [Fact]
    public void Spreads_that_are_real_are_not_taken_for_constant()
    {
        float[] sensitivity = [1f, 1.001f, 1f, 1f];
        Assert.Equal(1, new SadsSelector().Select(Angles([0, 30, 180, 100], sensitivity), 1)[0]);
    }

    [Fact]
    public void Centring_takes_the_common_part_away()
    {
        // Around the mean (10, 0) the rows lie at 0, 90, 180 and 181 degrees; from the origin they are all but parallel.
        TokenMatrix rows = new(new float[] { 11, 0, 10, 1, 9, 0, 9.01f, -0.02f }, 4, 2);
        var centred = new SadsSelector(new SadsOptions { Cosine = CosineSpace.MeanCentred });
        Assert.Equal([0, 2, 1, 3], centred.Select(new SelectionInput { Embeddings = rows }, 4));
        Assert.Equal([0, 1], new SadsSelector().Select(new SelectionInput { Embeddings = rows }, 2));
    }

    [Fact]
    public void Rows_equal_to_the_mean_have_no_direction()
    {
        // All rows equal: centring leaves rounding only, and no pick may depend on it.
        var row = Sample.Gaussian(50, 3, scale: 1000);
        var rows = new TokenMatrix(Enumerable.Range(0, 7).SelectMany(_ => row).ToArray(), 7, 50);
        var centred = new SadsSelector(new SadsOptions { Cosine = CosineSpace.MeanCentred });
        Assert.Equal([0, 1, 2, 3], centred.Select(new SelectionInput { Embeddings = rows }, 4));
    }

    [Fact]
    public void Zero_rows_are_at_distance_one_from_everything()
    {
        TokenMatrix rows = new(new float[] { 1, 0, 0.9f, 0.1f, 0, 0, 0, 0 }, 4, 2);
        Assert.Equal([0, 2, 3, 1], new SadsSelector().Select(new SelectionInput { Embeddings = rows }, 4));
    }

    [Fact]
    public void DivPrune_begins_with_the_most_isolated_row()
    {
        // Nearest other rows are 10, 10, 15, 65 degrees away.
        Assert.Equal([3, 0, 2, 1], new DivPruneSelector().Select(Angles([0, 10, 25, 90], []), 4));
    }

    [Fact]
    public void A_single_row_is_picked_by_every_selector()
    {
        var input = Angles([40], [1f]);
        TokenSelector[] all =
        [
            new SadsSelector(), new DivPruneSelector(), new TopSensitivitySelector(), new RandomSelector(), new UniformGridSelector(),
        ];
        Assert.All(all, selector => Assert.Equal([0], selector.Select(input, 5)));
    }

    [Fact]
    public void Random_picks_are_those_of_an_independent_implementation()
    {
        Assert.Equal([8, 0, 9, 5, 3, 6], new RandomSelector(5).Select(Rows(10), 6));
        Assert.Equal([175, 166, 171, 39, 251, 19, 169, 69], new RandomSelector().Select(Rows(256), 8));
    }

    [Theory]
    [InlineData(16, 4, new[] { 2, 6, 10, 14 })]
    [InlineData(10, 3, new[] { 1, 5, 8 })]
    [InlineData(5, 5, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(256, 1, new[] { 128 })]
    public void Flattened_picks_are_the_middles_of_equal_parts(int tokens, int count, int[] expected) =>
        Assert.Equal(expected, new UniformGridSelector().Select(Rows(tokens), count));

    [Theory]
    [InlineData(4, 4, 4, new[] { 5, 7, 13, 15 })]
    [InlineData(2, 8, 4, new[] { 9, 11, 13, 15 })]
    [InlineData(4, 4, 3, new[] { 5, 13, 15 })]
    [InlineData(8, 1, 2, new[] { 2, 6 })]
    public void Sub_grid_picks_are_spread_in_both_directions(int rows, int columns, int count, int[] expected)
    {
        var input = new SelectionInput { Embeddings = Rows(rows * columns).Embeddings, Grid = new TokenGrid(rows, columns) };
        Assert.Equal(expected, new UniformGridSelector().Select(input, count));
    }

    [Fact]
    public void A_grid_that_does_not_hold_the_tokens_is_ignored()
    {
        var input = new SelectionInput { Embeddings = Rows(15).Embeddings, Grid = new TokenGrid(4, 4) };
        Assert.Equal([2, 7, 12], new UniformGridSelector().Select(input, 3));
    }

    [Fact]
    public void Arguments_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SadsSelector().Select(Rows(3), -1));
        Assert.Throws<ArgumentException>(() => new TopSensitivitySelector().Select(Rows(3), 1));
        Assert.Throws<ArgumentException>(() => new SadsSelector().Select(Angles([1, 2, 3], [1f, 2f]), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SadsSelector(new SadsOptions { SensitivityFloor = 1.1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SadsSelector(new SadsOptions { SensitivityFloor = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SadsSelector(new SadsOptions { SensitivityWeight = -0.1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SadsSelector(new SadsOptions { SensitivityWeight = double.PositiveInfinity }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SadsSelector(new SadsOptions { Cosine = (CosineSpace)7 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SadsSelector(new SadsOptions { Scale = (SensitivityScale)7 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DivPruneSelector((CosineSpace)7));
    }

    [Fact]
    public void A_selector_that_breaks_the_contract_is_found_out()
    {
        Assert.Throws<InvalidOperationException>(() => new BrokenSelector([0, 0]).Select(Rows(3), 2));
        Assert.Throws<InvalidOperationException>(() => new BrokenSelector([0, 3]).Select(Rows(3), 2));
        Assert.Throws<InvalidOperationException>(() => new BrokenSelector([0]).Select(Rows(3), 2));
    }

    private static SelectionInput Rows(int count) => new() { Embeddings = Sample.Matrix(count, 3, 1) };

    private static SelectionInput Angles(double[] degrees, float[] sensitivity) => new()
    {
        Embeddings = new TokenMatrix(
            degrees.SelectMany(d => new[] { (float)Math.Cos(d * Math.PI / 180), (float)Math.Sin(d * Math.PI / 180) }).ToArray(),
            degrees.Length,
            2),
        Sensitivity = sensitivity,
    };

    private sealed class BrokenSelector(int[] picks) : TokenSelector
    {
        public override string Name => "broken";

        protected override int[] SelectCore(SelectionInput input, int count) => picks;
    }
}
