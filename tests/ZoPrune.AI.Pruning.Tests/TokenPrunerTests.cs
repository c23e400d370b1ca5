using System.Text.Json;

namespace ZoPrune.AI.Pruning.Tests;

public class TokenPrunerTests
{
    [Fact]
    public void The_report_says_what_ran()
    {
        var tokens = Tokens(20, new TokenGrid(4, 5));
        var sensitivities = Sample.Sensitivity(20, 2);
        var result = Prune(tokens, new FixedEstimator(sensitivities), new SadsSelector(), new TokenBudget { KeepRatio = 0.25 });
        var report = result.Report;
        var expected = new SadsSelector().Select(new SelectionInput { Embeddings = tokens.Embeddings, Sensitivity = sensitivities }, 5);
        Assert.Equal(expected, report.PickOrder);
        Assert.Equal(expected.Order(), result.Kept);
        Assert.Equal(result.Kept, report.Kept);
        Assert.Equal((20, 5, 0, true), (report.VisualTokens, report.VisualTokensKept, report.StructuralTokens, report.Pruned));
        Assert.Equal(("fixed", "sads", new TokenGrid(4, 5)), (report.Estimator, report.Selector, report.Grid));
        Assert.Empty(report.Notes);
        Assert.Null(report.Sensitivities);
        Assert.True(report.EstimationTime > TimeSpan.Zero && report.SelectionTime > TimeSpan.Zero);
    }

    [Fact]
    public void Structural_rows_are_outside_the_budget_and_always_kept()
    {
        var values = Sample.Sensitivity(20, 2);
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(20, 6, 1), Structural = [4, 9, 14, 19], Grid = new TokenGrid(4, 4) };
        var result = Prune(tokens, new FixedEstimator(values), new TopSensitivitySelector(), new TokenBudget { KeepRatio = 0.25 });
        int[] best = [.. Enumerable.Range(0, 20).Except(tokens.Structural).OrderByDescending(i => values[i]).Take(4)];
        Assert.Equal(best, result.Report.PickOrder);
        Assert.Equal([.. best.Concat(tokens.Structural).Order()], result.Kept);
        Assert.Equal((20, 8, 4), (result.Report.VisualTokens, result.Report.VisualTokensKept, result.Report.StructuralTokens));
    }

    [Fact]
    public void Structural_rows_do_not_repel_others_and_what_an_estimator_says_of_them_is_dropped()
    {
        var values = Sample.Sensitivity(12, 2);
        values[3] = float.NaN;
        values[7] = 1000;
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(12, 6, 1), Structural = [3, 7] };
        var rows = Enumerable.Range(0, 12).Except(tokens.Structural).ToArray();
        var result = Prune(
            tokens,
            new FixedEstimator(values),
            new SadsSelector(),
            new TokenBudget { Count = 5 },
            new TokenPrunerOptions { IncludeSensitivities = true });
        var alone = new SadsSelector().Select(
            new SelectionInput { Embeddings = tokens.Embeddings.Gather(rows), Sensitivity = rows.Select(r => values[r]).ToArray() }, 5);
        Assert.Equal(alone.Select(pick => rows[pick]), result.Report.PickOrder);
        Assert.Equal([0f, 0f], [result.Report.Sensitivities![3], result.Report.Sensitivities[7]]);
    }

    [Fact]
    public void Crops_are_selected_one_by_one_with_equal_quotas()
    {
        var values = Sample.Sensitivity(24, 2);
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(24, 6, 1), CropLengths = [8, 8, 8], Structural = [7, 15, 23] };
        var result = Prune(tokens, new FixedEstimator(values), new SadsSelector(), new TokenBudget { Count = 9, PerCrop = true });
        var expected = Enumerable.Range(0, 3).SelectMany(crop => new SadsSelector().Select(
            new SelectionInput
            {
                Embeddings = tokens.Embeddings.Slice(crop * 8, 7),
                Sensitivity = values.AsMemory(crop * 8, 7),
            },
            3).Select(pick => pick + (crop * 8)));
        Assert.Equal(expected, result.Report.PickOrder);
        Assert.Equal(12, result.Kept.Length);
    }

    [Fact]
    public void Without_per_crop_all_crops_compete()
    {
        float[] values = [1, 1.1f, 1.2f, 5, 6, 7];
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(6, 6, 1), CropLengths = [3, 3] };
        var together = new TokenBudget { Count = 3 };
        Assert.Equal([3, 4, 5], Prune(tokens, new FixedEstimator(values), new TopSensitivitySelector(), together).Kept);
        var apart = together with { PerCrop = true };
        Assert.Equal([1, 2, 5], Prune(tokens, new FixedEstimator(values), new TopSensitivitySelector(), apart).Kept);
    }

    [Fact]
    public void A_crop_without_spread_is_named()
    {
        float[] values = [1, 1, 1, 5, 6, 7];
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(6, 6, 1), CropLengths = [3, 3] };
        var report = Prune(tokens, new FixedEstimator(values), new SadsSelector(), new TokenBudget { Count = 4, PerCrop = true }).Report;
        Assert.Equal(["sensitivity is constant in crop 0 (relative spread 0E+0): selected by diversity alone"], report.Notes);
    }

    [Theory]
    [InlineData(1.0, null, "ratio to keep is 1")]
    [InlineData(null, 20, "budget allows all 20")]
    [InlineData(null, 400, "budget allows all 20")]
    public void Nothing_to_drop_is_said_and_costs_nothing(double? ratio, int? count, string reason)
    {
        var estimator = new FixedEstimator(Sample.Sensitivity(20, 2));
        var result = Prune(Tokens(20), estimator, new SadsSelector(), new TokenBudget { KeepRatio = ratio, Count = count });
        Assert.Equal(Enumerable.Range(0, 20), result.Kept);
        Assert.False(result.Report.Pruned);
        Assert.Equal(0, estimator.Calls);
        Assert.Contains(reason, Assert.Single(result.Report.Notes), StringComparison.Ordinal);
        Assert.Equal((null, null), (result.Report.Estimator, result.Report.Selector));
        Assert.Equal(TimeSpan.Zero, result.Report.EstimationTime + result.Report.SelectionTime);
    }

    [Fact]
    public void No_tokens_and_only_structural_tokens_are_kept_with_a_note()
    {
        var nothing = new PrunableTokens { Embeddings = new TokenMatrix(default, 0, 4) };
        var none = Prune(nothing, null, new SadsSelector(), new TokenBudget { Count = 3 });
        Assert.Empty(none.Kept);
        Assert.Equal(["kept all: no visual token can be pruned"], none.Report.Notes);
        var structural = new PrunableTokens { Embeddings = Sample.Matrix(2, 4, 1), Structural = [0, 1] };
        Assert.Equal([0, 1], Prune(structural, null, new SadsSelector(), new TokenBudget { Count = 1 }).Kept);
    }

    [Fact]
    public void The_estimator_rests_where_the_selector_does_not_need_it()
    {
        var estimator = new FixedEstimator(Sample.Sensitivity(20, 2));
        var report = Prune(Tokens(20), estimator, new DivPruneSelector(), new TokenBudget { Count = 5 }).Report;
        Assert.Equal((0, null, "divprune"), (estimator.Calls, report.Estimator, report.Selector));
        Assert.Empty(report.Notes);
    }

    [Fact]
    public void Sensitivities_are_estimated_where_the_report_is_to_carry_them()
    {
        var values = Sample.Sensitivity(20, 2);
        var options = new TokenPrunerOptions { IncludeSensitivities = true };
        var report = Prune(Tokens(20), new FixedEstimator(values), new DivPruneSelector(), new TokenBudget { Count = 5 }, options).Report;
        Assert.Equal(values, report.Sensitivities);
        Assert.Equal("fixed", report.Estimator);
        report = Prune(Tokens(20), new FixedEstimator(values), new SadsSelector(), new TokenBudget(), options).Report;
        Assert.Equal(values, report.Sensitivities);
        Assert.Contains("kept all", report.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_estimator_diversity_selects_and_the_reason_is_given()
    {
        var tokens = Tokens(20);
        var diversity = new SadsSelector().Select(new SelectionInput { Embeddings = tokens.Embeddings }, 5);
        foreach (var selector in new TokenSelector[] { new SadsSelector(), new TopSensitivitySelector() })
        {
            var options = new TokenPrunerOptions { NoEstimatorReason = "no projector" };
            var report = Prune(tokens, null, selector, new TokenBudget { Count = 5 }, options).Report;
            Assert.Equal(diversity, report.PickOrder);
            Assert.Equal(["no sensitivity is available (no projector): selected by diversity alone"], report.Notes);
        }

        Assert.Empty(Prune(tokens, null, new RandomSelector(), new TokenBudget { Count = 5 }).Report.Notes);
    }

    [Fact]
    public void The_closed_form_and_SADS_work_together()
    {
        var reference = ReferenceCase.Load("gelu-tanh");
        var estimator = new ClosedFormEstimator(reference.Weights);
        var result = Prune(reference.Tokens, estimator, new SadsSelector(), new TokenBudget { KeepRatio = 0.25 });
        Assert.Equal(reference.Selections["sads_closed_form@15"].Picks, result.Report.PickOrder);
        Assert.Equal("closed-form", result.Report.Estimator);
    }

    [Fact]
    public void A_linear_projector_selects_by_diversity_and_says_so()
    {
        var reference = ReferenceCase.Load("linear");
        SensitivityEstimator[] estimators =
        [
            new ClosedFormEstimator(reference.Weights),
            new FixedEstimator(reference.OwnZerothOrder()),
            new FixedEstimator([.. reference.ZerothOrder.Select(s => (float)s)]),
        ];
        foreach (var estimator in estimators)
        {
            var report = Prune(reference.Tokens, estimator, new SadsSelector(), new TokenBudget { Count = 10 }).Report;
            Assert.Equal(reference.Selections["sads_closed_form@10"].Picks, report.PickOrder);
            Assert.StartsWith("sensitivity is constant", Assert.Single(report.Notes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Cancellation_is_honoured()
    {
        var pruner = new TokenPruner(new FixedEstimator(Sample.Sensitivity(20, 2)), new SadsSelector(), new TokenBudget { Count = 5 });
        Assert.ThrowsAny<OperationCanceledException>(() => pruner.Prune(Tokens(20), new CancellationToken(canceled: true)));
        using var source = new CancellationTokenSource();
        var weights = Sample.Weights(6, 12, 6);
        var cancelling = new ZerothOrderEstimator((_, _, _) => source.Cancel(), 6, 6);
        pruner = new TokenPruner(cancelling, new SadsSelector(), new TokenBudget { Count = 5 });
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(20, 6, 1), ProjectorInput = Sample.Matrix(20, weights.InputWidth, 2) };
        Assert.ThrowsAny<OperationCanceledException>(() => pruner.Prune(tokens, source.Token));
    }

    [Fact]
    public void Misshapen_tokens_are_refused_with_both_numbers()
    {
        var z = Sample.Matrix(4, 2, 1);
        AssertError("0 to 3", new PrunableTokens { Embeddings = z, Structural = [4] });
        AssertError("ascending", new PrunableTokens { Embeddings = z, Structural = [2, 1] });
        AssertError("ascending", new PrunableTokens { Embeddings = z, Structural = [1, 1] });
        AssertError("2, 3", new PrunableTokens { Embeddings = z, CropLengths = [2, 3] });
        AssertError("-1", new PrunableTokens { Embeddings = z, CropLengths = [5, -1] });
        AssertError("PreActivation has 3 rows", new PrunableTokens { Embeddings = z, PreActivation = Sample.Matrix(3, 2, 1) });

        static void AssertError(string expected, PrunableTokens tokens)
        {
            var pruner = new TokenPruner(null, new SadsSelector(), new TokenBudget());
            var error = Assert.Throws<ArgumentException>(() => pruner.Prune(tokens, TestContext.Current.CancellationToken));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_estimator_that_breaks_the_contract_is_found_out()
    {
        Assert.Throws<InvalidOperationException>(
            () => Prune(Tokens(20), new FixedEstimator(new float[19]), new SadsSelector(), new TokenBudget { Count = 5 }));
        var bad = new float[20];
        bad[6] = float.NaN;
        var error = Assert.Throws<NonFiniteTokenException>(
            () => Prune(Tokens(20), new FixedEstimator(bad), new SadsSelector(), new TokenBudget { Count = 5 }));
        Assert.Equal(("sensitivities", 6), (error.Tensor, error.Row));
    }

    [Fact]
    public void Reports_add_up_and_become_JSON()
    {
        var image = Prune(Tokens(20, new TokenGrid(4, 5)), null, new DivPruneSelector(), new TokenBudget { Count = 5 }).Report;
        var report = new PruningReport { Images = [image, image] };
        Assert.Equal((40, 10), (report.VisualTokens, report.VisualTokensKept));
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(report));
        Assert.Equal(40, json.RootElement.GetProperty("VisualTokens").GetInt32());
        var first = json.RootElement.GetProperty("Images")[0];
        Assert.Equal(5, first.GetProperty("Grid").GetProperty("Columns").GetInt32());
        Assert.Equal(image.Kept, first.GetProperty("Kept").EnumerateArray().Select(e => e.GetInt32()));
        var back = JsonSerializer.Deserialize<PruningReport>(json)!;
        Assert.Equal(image.PickOrder, back.Images[1].PickOrder);
        Assert.Equal(image.Grid, back.Images[1].Grid);
    }

    private static PrunableTokens Tokens(int rows, TokenGrid? grid = null) => new() { Embeddings = Sample.Matrix(rows, 6, 1), Grid = grid };

    private static PruningResult Prune(
        PrunableTokens tokens,
        SensitivityEstimator? estimator,
        TokenSelector selector,
        TokenBudget budget,
        TokenPrunerOptions? options = null) =>
        new TokenPruner(estimator, selector, budget, options).Prune(tokens, TestContext.Current.CancellationToken);
}
