namespace ZoPrune.AI.Pruning.Tests;

public class ReferenceSelectionTests
{
    /// <summary>The bound: picks that lead by more must be equal.</summary>
    private const double Certain = 1e-5;

    /// <summary>How far the best score may be missed where S is rounded to float32: 2 eps S / (max S - min S) is about 4e-7.</summary>
    private const double Rounding = 1e-6;

    /// <summary>Each recorded selection of each case.</summary>
    public static TheoryData<string, string> All { get; } = Enumerate();

    [Theory]
    [MemberData(nameof(All))]
    public void Picks_from_recorded_sensitivities_equal_the_reference(string name, string selection)
    {
        var reference = ReferenceCase.Load(name);
        var recorded = selection.Contains("zeroth", StringComparison.Ordinal) ? reference.ZerothOrder : reference.ClosedForm;
        AssertPicks(reference, selection, [.. recorded.Select(s => (float)s)], Rounding);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Picks_from_own_sensitivities_equal_the_reference(string name, string selection)
    {
        var reference = ReferenceCase.Load(name);
        var zeroth = selection.Contains("zeroth", StringComparison.Ordinal);
        AssertPicks(reference, selection, zeroth ? reference.OwnZerothOrder() : reference.OwnClosedForm(), Certain);
    }

    private static TheoryData<string, string> Enumerate()
    {
        var data = new TheoryData<string, string>();
        foreach (var row in ReferenceCase.Names)
        {
            foreach (var selection in ReferenceCase.Load(row.Data).Selections.Keys)
            {
                data.Add(row.Data, selection);
            }
        }

        return data;
    }

    private static void AssertPicks(ReferenceCase reference, string selection, float[] sensitivity, double tolerance)
    {
        var (expected, margin) = reference.Selections[selection];
        var recorded = selection.Contains("zeroth", StringComparison.Ordinal) ? reference.ZerothOrder : reference.ClosedForm;

        // The sensitivities of a linear projector differ by rounding alone (2e-6 of their size). The recorded zeroth-order picks of that
        // case are led by this noise, blown up to [0, 1]; the house rule is diversity alone, which the recorded closed-form picks show.
        var noise = reference.Activation == ProjectorActivation.Identity;
        if (noise && selection == "sads_zeroth_order@10")
        {
            (expected, margin) = reference.Selections["sads_closed_form@10"];
        }

        var input = new SelectionInput { Embeddings = reference.Embeddings, Sensitivity = sensitivity };
        var (selector, rule) = selection.Split('@')[0] switch
        {
            "sads_zeroth_order" or "sads_closed_form" =>
                ((TokenSelector)new SadsSelector(), GreedyReference.Sads(reference.Embeddings, noise ? null : recorded)),
            "sads_closed_form_centred" => (
                new SadsSelector(new SadsOptions { Cosine = CosineSpace.MeanCentred }),
                GreedyReference.Sads(reference.Embeddings, noise ? null : recorded, centred: true)),
            "divprune" => (new DivPruneSelector(), GreedyReference.DivPrune(reference.Embeddings)),
            "top_closed_form" => (new TopSensitivitySelector(), GreedyReference.Top(reference.Embeddings, recorded)),
            var other => throw new InvalidDataException(other),
        };
        var picks = selector.Select(input, expected.Length);
        Assert.Equal(expected.Length, picks.Length);
        if (margin > Certain)
        {
            Assert.Equal(expected, picks);
        }

        AssertEqualWhileCertain(rule, expected, picks);
        AssertEachPickIsBest(rule, picks, tolerance);
    }

    /// <summary>Up to the first recorded pick without a clear lead, ours are the recorded ones (or rows that are equal to them).</summary>
    private static void AssertEqualWhileCertain(GreedyReference rule, int[] expected, int[] picks)
    {
        foreach (var (step, (pick, scores)) in rule.Walk(expected).Index().TakeWhile(s => rule.Lead(s.Item.Pick, s.Item.Scores) > Certain))
        {
            Assert.True(
                rule.ClassOf(picks[step]) == rule.ClassOf(pick),
                $"Pick {step} is {picks[step]} instead of {pick}, which leads by {rule.Lead(pick, scores):E1}.");
        }
    }

    /// <summary>Each of our picks is the best one behind those before it, up to rounding, and the lowest among rows equal to it.</summary>
    private static void AssertEachPickIsBest(GreedyReference rule, int[] picks, double tolerance)
    {
        foreach (var (step, (pick, scores)) in rule.Walk(picks).Index())
        {
            Assert.True(
                scores[pick] >= scores.Max() - tolerance,
                $"Pick {step} is {pick} with score {scores[pick]}, but the best score is {scores.Max()}.");
            Assert.DoesNotContain(
                Enumerable.Range(0, pick), i => rule.ClassOf(i) == rule.ClassOf(pick) && !picks[..step].Contains(i));
        }
    }
}
