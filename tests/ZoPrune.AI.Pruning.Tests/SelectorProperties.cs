using FsCheck;
using FsCheck.Fluent;

namespace ZoPrune.AI.Pruning.Tests;

public class SelectorProperties
{
    /// <summary>All selectors, each rule of them.</summary>
    private static readonly TokenSelector[] Selectors =
    [
        new SadsSelector(),
        new SadsSelector(new SadsOptions { Cosine = CosineSpace.MeanCentred }),
        new SadsSelector(new SadsOptions { SensitivityWeight = 0.3, SensitivityFloor = 0.2 }),
        new SadsSelector(new SadsOptions { SensitivityWeight = 0 }),
        new SadsSelector(SadsOptions.Proportional),
        new DivPruneSelector(),
        new DivPruneSelector(CosineSpace.MeanCentred),
        new TopSensitivitySelector(),
        new RandomSelector(7),
        new UniformGridSelector(),
    ];

    /// <summary>
    /// Embeddings of any kind: a continuum, small integers (many ties, duplicates, zero rows), or all equal; sensitivities alike; any
    /// count, also more than there are tokens.
    /// </summary>
    private static Gen<Instance> Any { get; } =
        from kind in Gen.Choose(0, 2)
        from rows in Gen.Choose(1, 6)
        from columns in Gen.Choose(1, 6)
        from width in Gen.Choose(1, 9)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        from count in Gen.Choose(0, 45)
        from sensitive in Gen.Elements(true, false)
        select Create(kind, rows, columns, width, seed, count, sensitive);

    /// <summary>Embeddings and sensitivities from a continuum: no two scores are equal, except for the first pick of DivPrune.</summary>
    private static Gen<Instance> TieFree { get; } =
        from rows in Gen.Choose(3, 30)
        from width in Gen.Choose(3, 40)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        from count in Gen.Choose(1, 30)
        select Create(0, rows, 1, width, seed, count, true);

    [Fact]
    public void Picks_are_exactly_min_k_n_different_rows_in_range() => Check(Any, (selector, instance) =>
    {
        var picks = selector.Select(instance.Input, instance.Count);
        return picks.Length == Math.Min(instance.Count, instance.Tokens)
            && picks.Distinct().Count() == picks.Length
            && picks.All(pick => pick >= 0 && pick < instance.Tokens);
    });

    [Fact]
    public void Picks_for_k_are_a_prefix_of_picks_for_k_plus_1() => Check(Any, (selector, instance) =>
        selector is UniformGridSelector
        || selector.Select(instance.Input, instance.Count + 1).Take(instance.Count)
            .SequenceEqual(selector.Select(instance.Input, instance.Count)));

    [Fact]
    public void The_pruner_keeps_sorted_unique_rows_in_range_and_as_many_as_the_budget_says() => Check(Any, (selector, instance) =>
    {
        var budget = new TokenBudget { Count = Math.Max(1, instance.Count) };
        var tokens = new PrunableTokens { Embeddings = instance.Input.Embeddings, Grid = instance.Input.Grid };
        var estimator = new FixedEstimator(instance.Input.Sensitivity.ToArray());
        var kept = new TokenPruner(estimator, selector, budget).Prune(tokens, TestContext.Current.CancellationToken).Kept;
        return kept.Length == Math.Min(budget.Count.Value, instance.Tokens)
            && kept.Zip(kept.Skip(1), (a, b) => a < b).All(ascending => ascending)
            && kept.All(row => row >= 0 && row < instance.Tokens);
    });

    [Fact]
    public void Picks_follow_a_permutation_of_the_tokens() => Check(TieFree, (selector, instance) =>
    {
        if (selector is RandomSelector or UniformGridSelector || (selector is DivPruneSelector && FirstPickTies(instance.Input.Embeddings)))
        {
            return true; // These look at places, or tie by construction.
        }

        var order = Enumerable.Range(0, instance.Tokens).ToArray();
        new Random(instance.Tokens).Shuffle(order);
        var permuted = new SelectionInput
        {
            Embeddings = instance.Input.Embeddings.Gather(order),
            Sensitivity = order.Select(i => instance.Input.Sensitivity.Span[i]).ToArray(),
        };
        return selector.Select(permuted, instance.Count).Select(pick => order[pick])
            .SequenceEqual(selector.Select(instance.Input, instance.Count));
    });

    [Fact]
    public void Picks_do_not_depend_on_the_scale_of_all_embeddings() => Check(TieFree, (selector, instance) =>
    {
        // Powers of two are exact in float32: the very same picks, with no excuse.
        var expected = selector.Select(instance.Input, instance.Count);
        return new[] { 0.0009765625f, 4096f, 1048576f }.All(scale =>
        {
            var scaled = new SelectionInput
            {
                Embeddings = new TokenMatrix(
                    instance.Input.Embeddings.Values.ToArray().Select(x => x * scale).ToArray(),
                    instance.Tokens,
                    instance.Input.Embeddings.Width),
                Sensitivity = instance.Input.Sensitivity,
            };
            return selector.Select(scaled, instance.Count).SequenceEqual(expected);
        });
    });

    [Fact]
    public void Input_that_is_not_finite_is_an_error_that_names_the_row() => Check(Any, (selector, instance) =>
    {
        var values = instance.Input.Embeddings.Values.ToArray();
        var row = instance.Count % instance.Tokens;
        values[(row * instance.Input.Embeddings.Width) + (values.Length % instance.Input.Embeddings.Width)] =
            new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity }[instance.Count % 3];
        var embeddings = new TokenMatrix(values, instance.Tokens, instance.Input.Embeddings.Width);
        var sensitivity = Enumerable.Repeat(1f, instance.Tokens).ToArray();
        sensitivity[row] = float.NaN;
        var first = Assert.Throws<NonFiniteTokenException>(
            () => selector.Select(new SelectionInput { Embeddings = embeddings }, instance.Count));
        var second = Assert.Throws<NonFiniteTokenException>(() => selector.Select(
            new SelectionInput { Embeddings = instance.Input.Embeddings, Sensitivity = sensitivity }, instance.Count));
        var third = Assert.Throws<NonFiniteTokenException>(() => new TokenPruner(null, selector, new TokenBudget { Count = 1 })
            .Prune(new PrunableTokens { Embeddings = embeddings }, TestContext.Current.CancellationToken));
        return (first.Tensor, first.Row) == ("embeddings", row)
            && (second.Tensor, second.Row) == ("sensitivities", row)
            && (third.Tensor, third.Row) == ("embeddings", row)
            && first.Message.Contains($"row {row}", StringComparison.Ordinal);
    });

    [Fact]
    public void Constant_sensitivity_selects_by_diversity_and_says_so() => Check(TieFree, (selector, instance) =>
    {
        if (!selector.UsesSensitivity || instance.Count >= instance.Tokens)
        {
            return true;
        }

        var diversity = (selector as SadsSelector ?? new SadsSelector()).Select(
            new SelectionInput { Embeddings = instance.Input.Embeddings }, instance.Count);
        var random = new Random(instance.Tokens);
        float[] constant = [.. Enumerable.Range(0, instance.Tokens).Select(_ => 0.7f * (1 + (5e-7f * random.NextSingle())))];
        var result = new TokenPruner(new FixedEstimator(constant), selector, new TokenBudget { Count = instance.Count })
            .Prune(new PrunableTokens { Embeddings = instance.Input.Embeddings }, TestContext.Current.CancellationToken);
        return result.Report.PickOrder.SequenceEqual(diversity)
            && result.Report.Notes.Count == 1
            && result.Report.Notes[0].StartsWith("sensitivity is constant", StringComparison.Ordinal)
            && result.Report.Notes[0].EndsWith("selected by diversity alone", StringComparison.Ordinal);
    });

    [Fact]
    public void The_lazy_greedy_rule_picks_what_a_full_update_picks() => Check(TieFree, (selector, instance) =>
    {
        var sensitivity = instance.Input.Sensitivity.ToArray().Select(s => (double)s).ToArray();
        var rule = selector switch
        {
            SadsSelector when ReferenceEquals(selector, Selectors[0]) => GreedyReference.Sads(instance.Input.Embeddings, sensitivity),
            SadsSelector when ReferenceEquals(selector, Selectors[1]) =>
                GreedyReference.Sads(instance.Input.Embeddings, sensitivity, centred: true),
            DivPruneSelector when ReferenceEquals(selector, Selectors[4]) => GreedyReference.DivPrune(instance.Input.Embeddings),
            _ => null,
        };
        return rule is null
            || rule.Walk(selector.Select(instance.Input, instance.Count)).All(s => s.Scores[s.Pick] >= s.Scores.Max() - 1e-12);
    });

    private static void Check(Gen<Instance> generator, Func<TokenSelector, Instance, bool> property)
    {
        var arbitrary = Arb.From(Gen.Zip(Gen.Elements(Selectors), generator));
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(600), Prop.ForAll(arbitrary, pair => property(pair.Item1, pair.Item2)));
    }

    private static Instance Create(int kind, int rows, int columns, int width, int seed, int count, bool sensitive)
    {
        var tokens = rows * columns;
        var random = new Random(seed);
        float Next() => kind switch
        {
            0 => (float)((random.NextDouble() + random.NextDouble() + random.NextDouble()) - 1.5),
            1 => random.Next(-1, 2),
            _ => 1,
        };
        float[] values = [.. Enumerable.Range(0, tokens * width).Select(_ => Next())];
        float[] sensitivity = [.. Enumerable.Range(0, tokens).Select(_ => Math.Abs(Next()))];
        return new Instance(
            new SelectionInput
            {
                Embeddings = new TokenMatrix(values, tokens, width),
                Sensitivity = sensitive || kind == 0 ? sensitivity : Enumerable.Repeat(0.5f, tokens).ToArray(),
                Grid = new TokenGrid(rows, columns),
            },
            count);
    }

    /// <summary>Whether the most isolated row and its nearest one are each other's nearest: then both could be the first pick.</summary>
    private static bool FirstPickTies(TokenMatrix embeddings)
    {
        foreach (var space in Enum.GetValues<CosineSpace>())
        {
            var geometry = new CosineGeometry(embeddings, space);
            double[] nearest = [.. Enumerable.Range(0, embeddings.Rows).Select(i =>
                Enumerable.Range(0, embeddings.Rows).Where(j => j != i).Min(j => geometry.Distance(i, j)))];
            if (nearest.Count(d => d >= nearest.Max() - 1e-12) > 1)
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Instance(SelectionInput Input, int Count)
    {
        public int Tokens => Input.Embeddings.Rows;

        public override string ToString() =>
            $"{Tokens} x {Input.Embeddings.Width}, k = {Count}, Z = [{string.Join(' ', Input.Embeddings.Values.ToArray())}], "
            + $"S = [{string.Join(' ', Input.Sensitivity.ToArray())}]";
    }
}
