using FsCheck;
using FsCheck.Fluent;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Pruning;
using TestData = ZoPrune.AI.Testing.TestData;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Pruning between the public stages, on every folder of the zoo.</summary>
public sealed class ZooPruningTests(ZooModels models) : IClassFixture<ZooModels>
{
    public static TheoryData<string> Folders { get; } =
        [.. Golden.Folders.Select(f => "genai/" + f), .. HuggingFaceGolden.Folders.Select(f => "hf/" + f)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_quarter_of_each_crop_stays_with_its_structure_and_generates(string folder)
    {
        var (model, image) = Encode(folder);
        var tokens = image.Tokens;
        var pruner = new TokenPruner(model.CreateEstimator(), new SadsSelector(), new TokenBudget { KeepRatio = 0.25, PerCrop = true });

        var result = pruner.Prune(tokens, TestContext.Current.CancellationToken);

        // The budget counts what is not structural; structure is added whole.
        var structural = tokens.Structural.ToHashSet();
        var prunable = image.Count - structural.Count;
        var budget = (int)Math.Round(0.25 * prunable, MidpointRounding.ToEven);
        Assert.Equal(budget + structural.Count, result.Kept.Length);
        Assert.Subset(result.Kept.ToHashSet(), structural);
        Assert.Equal(result.Kept, result.Kept.Distinct().Order());
        if (tokens.Crops.Count > 0)
        {
            var quotas = result.Kept.Where(r => !structural.Contains(r)).CountBy(r => tokens.Crops[r]).Select(q => q.Value).ToArray();
            var crops = Enumerable.Range(0, image.Count).Where(r => !structural.Contains(r)).CountBy(r => tokens.Crops[r]).ToArray();

            // A crop that is shorter than its part gives the rest to the others.
            if (crops.Min(c => c.Value) > budget / crops.Length)
            {
                Assert.Equal(crops.Length, quotas.Length);
                Assert.InRange(quotas.Max() - quotas.Min(), 0, 1);
            }
        }

        var everything = new TokenPruner(model.CreateEstimator(), new SadsSelector(), new TokenBudget { KeepRatio = 1, PerCrop = true })
            .Prune(tokens, TestContext.Current.CancellationToken);
        var whole = model.EncodePrompt(Question, [ImageSelection.All(image)]);
        var unpruned = model.EncodePrompt(Question, [new ImageSelection(image, everything.Kept)]);
        Assert.Equal(whole.InputIds, unpruned.InputIds);
        Assert.Equal(whole.Positions, unpruned.Positions);

        var selection = new ImageSelection(image, result.Kept);
        var prompt = model.EncodePrompt(Question, [selection]);
        Assert.Equal(image.Count, prompt.VisualTokens);
        Assert.Equal(result.Kept.Length, prompt.VisualTokensKept);
        Assert.Equal(4, Generate.Ids(model, prompt, [selection], 4, Generate.Greedy, Generate.NoEnd).Count);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Kept_rows_stand_at_the_positions_that_they_had(string folder)
    {
        var (model, image) = Encode(folder);
        int[] kept = [.. Enumerable.Range(0, image.Count).Where(r => r % 3 == 1)];
        ImageSelection[] pruned = [new ImageSelection(image, kept)];
        var whole = model.EncodePrompt(Question, [ImageSelection.All(image)]);
        var compact = PositionPolicy.Compact;

        if (!model.SupportsOriginalPositions)
        {
            Assert.Throws<NotSupportedException>(() => model.EncodePrompt(Question, pruned, PositionPolicy.Original));
            Assert.Equal(compact, model.EncodePrompt(Question, pruned).Policy);
            return;
        }

        var prompt = model.EncodePrompt(Question, pruned, PositionPolicy.Original);
        Assert.Equal(whole.NextPosition, prompt.NextPosition);
        Assert.Equal(prompt.Positions, model.EncodePrompt(Question, pruned).Positions);

        // The unpruned prompt without the placeholders of rows that are gone.
        var places = Placeholders(whole, image.Count);
        var gone = Enumerable.Range(0, image.Count).Except(kept).Select(r => places[r]).ToHashSet();
        int[] left = [.. Enumerable.Range(0, whole.Length).Where(i => !gone.Contains(i))];
        Assert.Equal(left.Select(i => whole.InputIds[i]), prompt.InputIds);
        for (var axis = 0; axis < whole.PositionAxes; axis++)
        {
            Assert.Equal(
                left.Select(i => whole.Positions[(axis * whole.Length) + i]),
                prompt.Positions.Skip(axis * prompt.Length).Take(prompt.Length));
        }

        if (whole.PositionAxes > 1)
        {
            Assert.Throws<NotSupportedException>(() => model.EncodePrompt(Question, pruned, compact));
            return;
        }

        var dense = model.EncodePrompt(Question, pruned, compact);
        Assert.Equal(prompt.InputIds, dense.InputIds);
        Assert.Equal(Enumerable.Range(0, dense.Length).Select(i => whole.Positions[0] + i), dense.Positions);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Any_selection_takes_placeholders_away_and_nothing_else(string folder)
    {
        var (model, image) = Encode(folder);
        var whole = model.EncodePrompt(Question, [ImageSelection.All(image)]);
        var places = Placeholders(whole, image.Count);
        var text = Enumerable.Range(0, whole.Length).Except(places).Select(i => whole.InputIds[i]).ToArray();
        int[] crops = image.Tokens.Crops.Count > 0 ? [.. image.Tokens.Crops] : new int[image.Count];
        var columns = image.Tokens.Grid?.Columns ?? 1;

        // Single rows at any density, whole crops, whole lines of the grid, nothing at all.
        var selections =
            from kind in Gen.Choose(0, 3)
            from seed in Gen.Choose(0, int.MaxValue - 1)
            from density in Gen.Choose(0, 100)
            select Select(kind, new Random(seed), density / 100.0);
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(Arb.From(selections), kept =>
        {
            var prompt = model.EncodePrompt(Question, [new ImageSelection(image, kept)]);
            var gone = Enumerable.Range(0, image.Count).Except(kept).Select(r => places[r]);
            int[] left = [.. Enumerable.Range(0, whole.Length).Except(gone).Select(i => whole.InputIds[i])];
            return prompt.VisualTokensKept == kept.Length
                && prompt.Length == text.Length + kept.Length
                && prompt.InputIds.SequenceEqual(left);
        }));

        int[] Select(int kind, Random random, double density)
        {
            var units = new bool[image.Count + 1];
            for (var i = 0; i < units.Length; i++)
            {
                units[i] = random.NextDouble() < density;
            }

            return [.. Enumerable.Range(0, image.Count).Where(row => kind switch
            {
                0 => units[row],
                1 => units[crops[row]],
                2 => units[row / columns],
                _ => false,
            })];
        }
    }

    private static ChatPrompt Question => new([new ChatTurn("user", [new ImagePart(0), new TextPart("What is it?")])]);

    /// <summary>Where the placeholders stand: the only token that there are as many of as visual tokens.</summary>
    private static int[] Placeholders(EncodedPrompt prompt, int rows)
    {
        var ids = prompt.InputIds;
        var placeholder = ids.CountBy(id => id).Single(c => c.Value == rows).Key;
        return [.. Enumerable.Range(0, ids.Count).Where(i => ids[i] == placeholder)];
    }

    private (VisionLanguageModel Model, VisualTokens Image) Encode(string folder)
    {
        var isGenAI = folder.StartsWith("genai/", StringComparison.Ordinal);
        var name = folder[(folder.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var model = isGenAI ? models[name] : models.HuggingFace(name);
        var picture = isGenAI
            ? TestData.PathTo("zoo", "images", "wide120x60.png")
            : TestData.PathTo("zoo", "hf", "images", "wide150x60.png");
        return (model, ZooModels.Encode(model, picture));
    }
}
