using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Generation;

/// <summary>With pruned rows GenAI says what this library's own sessions say of the same rows in the same places, token for token.</summary>
public sealed class PrunedRowsTests(GenAIModels models, ZooModels own) : IClassFixture<GenAIModels>, IClassFixture<ZooModels>
{
    private const int Tokens = 24;

    /// <summary>The families whose tokens are numbered one by one.</summary>
    public static TheoryData<string> Folders { get; } =
        [.. Golden.Folders.Where(f => f is not ("fara" or "qwen2_5_vl" or "qwen2_5_vl-fp16" or "qwen3_vl")), ModelFolders.PocketVlm];

    public static TheoryData<string> GridFolders { get; } = ["fara", "qwen2_5_vl", "qwen2_5_vl-fp16", "qwen3_vl"];

    private static readonly SamplingOptions Greedy = new();

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_selected_part_of_one_picture(string folder)
    {
        GenAI.SkipIfAbsent();
        foreach (var ratio in new[] { 0.5, 0.25, 0.1 })
        {
            AssertSame(folder, [Pruned(folder, "wide120x60.png", 1, ratio)]);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Parts_of_different_size_of_several_pictures(string folder)
    {
        GenAI.SkipIfAbsent();
        AssertSame(folder, [Pruned(folder, "wide120x60.png", 2, 0.4), Pruned(folder, "square56.png", 2, 0.15)]);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Any_rows_down_to_one(string folder)
    {
        GenAI.SkipIfAbsent();
        var image = Encode(own, folder, "square56.png", 1);
        var random = new Random(7);
        foreach (var kept in new[] { 1, 2, 7, image.Count / 2, image.Count - 1 }.Where(k => k < image.Count))
        {
            int[] rows = [.. Enumerable.Range(0, image.Count).ToArray().OrderBy(_ => random.Next()).Take(kept).Order()];
            AssertSame(folder, [new ImageSelection(image, rows)]);
        }
    }

    [Theory]
    [MemberData(nameof(GridFolders))]
    public void Tokens_of_a_grid_keep_their_places_with_our_own_sessions(string folder)
    {
        GenAI.SkipIfAbsent();
        var model = models[folder];
        var pruned = Pruned(folder, "wide120x60.png", 1, 0.5);
        var whole = ImageSelection.All(pruned.Image);

        var original = Assert.Throws<NotSupportedException>(() => model.EncodePrompt(Question(1), [pruned], PositionPolicy.Original));
        Assert.Contains("OnnxRuntimeGenAI", original.Message, StringComparison.Ordinal);
        Assert.Contains("Auto", original.Message, StringComparison.Ordinal);
        var compact = Assert.Throws<NotSupportedException>(() => model.EncodePrompt(Question(1), [pruned], PositionPolicy.Compact));
        Assert.DoesNotContain("Original", compact.Message, StringComparison.Ordinal);

        var prompt = model.EncodePrompt(Question(1), [pruned]);
        var expected = own[folder].EncodePrompt(Question(1), [pruned]);
        Assert.Equal(expected.Positions, prompt.Positions);
        Assert.Equal(PositionPolicy.Original, prompt.Policy);
        var ids = Answers.Choose(model, prompt, [pruned], Tokens, Greedy, out var languageModel);
        Assert.Equal("OnnxRuntime", languageModel);
        Assert.Equal(Answers.Choose(own[folder], expected, [pruned], Tokens, Greedy, out _), ids);

        // Where nothing is gone, places and numbers are the same.
        var unpruned = model.EncodePrompt(Question(1), [whole], PositionPolicy.Original);
        ids = Answers.Choose(model, unpruned, [whole], Tokens, Greedy, out languageModel);
        Assert.Equal("OnnxRuntimeGenAI", languageModel);
        Assert.Equal(Answers.Choose(own[folder], unpruned, [whole], Tokens, Greedy, out _), ids);
    }

    [Fact]
    public void Original_positions_of_a_line_are_refused_and_left_to_the_policies_that_can_be_had()
    {
        GenAI.SkipIfAbsent();
        var model = models.PocketVlm;
        var pruned = Pruned(ModelFolders.PocketVlm, "wide120x60.png", 1, 0.5);

        Assert.False(model.SupportsOriginalPositions);
        Assert.Throws<NotSupportedException>(() => model.EncodePrompt(Question(1), [pruned], PositionPolicy.Original));
        Assert.Equal(PositionPolicy.Compact, model.EncodePrompt(Question(1), [pruned]).Policy);
        var whole = ImageSelection.All(pruned.Image);
        Assert.Equal(
            model.EncodePrompt(Question(1), [whole], PositionPolicy.Compact).Positions,
            model.EncodePrompt(Question(1), [whole], PositionPolicy.Original).Positions);
    }

    private void AssertSame(string folder, ImageSelection[] images)
    {
        var expecting = Open(own, folder);
        var model = Open(models, folder);
        var expectedPrompt = expecting.EncodePrompt(Question(images.Length), images, PositionPolicy.Compact);
        var prompt = model.EncodePrompt(Question(images.Length), images, PositionPolicy.Compact);
        Assert.Equal(expectedPrompt.InputIds, prompt.InputIds);
        Assert.True(prompt.VisualTokensKept < prompt.VisualTokens);

        var expected = Answers.Choose(expecting, expectedPrompt, images, Tokens, Greedy, out var ours);
        var ids = Answers.Choose(model, prompt, images, Tokens, Greedy, out var theirs);

        Assert.Equal(("OnnxRuntime", "OnnxRuntimeGenAI"), (ours, theirs));
        Assert.Equal(expected, ids);
    }

    private ImageSelection Pruned(string folder, string picture, int pictures, double ratio)
    {
        var image = Encode(own, folder, picture, pictures);
        var model = Open(own, folder);
        var pruner = new TokenPruner(model.CreateEstimator(), new SadsSelector(), new TokenBudget { KeepRatio = ratio, PerCrop = true });
        return new ImageSelection(image, pruner.Prune(image.Tokens, TestContext.Current.CancellationToken).Kept);
    }

    private static VisualTokens Encode(ZooModels models, string folder, string picture, int pictures) =>
        ZooModels.Encode(Open(models, folder), TestData.PathTo("zoo", "images", picture), pictures);

    private static VisionLanguageModel Open(ZooModels models, string folder) =>
        folder == ModelFolders.PocketVlm ? models.PocketVlm : models[folder];

    private static ChatPrompt Question(int images) => new(
        [new ChatTurn("user", [.. Enumerable.Range(0, images).Select(i => new ImagePart(i)), new TextPart("What is it?")])]);
}
