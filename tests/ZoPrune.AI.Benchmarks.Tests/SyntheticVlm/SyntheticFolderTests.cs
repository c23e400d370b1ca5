using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Onnx.Vision;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.Benchmarks.Tests.SyntheticVlm;

/// <summary>The folders open in the library and are what the kinds promise.</summary>
public sealed class SyntheticFolderTests(TinyModels models) : IClassFixture<TinyModels>
{
    private const int AnswerLength = 12;

    private static readonly ChatPrompt s_question =
        new([new ChatTurn("user", [new ImagePart(0), new TextPart("What is in the picture?")])]);

    public static TheoryData<string, string> All { get; } =
    [
        .. ModelKinds.All.SelectMany(_ => Enum.GetNames<WeightPrecision>(), (kind, precision) => (kind.Name, precision)),
    ];

    [Theory]
    [InlineData(336, 336)]
    [InlineData(640, 480)]
    [InlineData(50, 700)]
    public void Any_picture_is_576_tokens_of_a_square_grid(int width, int height)
    {
        var image = Encode("llava-like", "Int4", Pictures.Gradient(width, height));

        Assert.Equal(576, image.Count);
        Assert.Equal(new TokenGrid(24, 24), image.Tokens.Grid);
        Assert.Empty(image.Tokens.Structural);
    }

    [Theory]
    [InlineData(448, 448, 16, 16)]
    [InlineData(672, 336, 12, 24)]
    [InlineData(100, 130, 4, 4)]
    public void A_token_is_28_pixels_wide_and_high_in_whole_windows(int width, int height, int rows, int columns)
    {
        var image = Encode("qwen2.5-vl-like", "Int4", Pictures.Gradient(width, height));

        Assert.Equal(rows * columns, image.Count);
        Assert.Equal(new TokenGrid(rows, columns), image.Tokens.Grid);
    }

    [Fact]
    public void A_square_is_2880_tokens_of_5_crops_and_48_newlines()
    {
        var image = Encode("next-like", "Int4", Pictures.Gradient(400, 400));

        var structural = image.Tokens.Structural.ToHashSet();
        Assert.Equal(48, structural.Count);
        Assert.Equal(2880 + 48, image.Count);
        var crops = Enumerable.Range(0, image.Count).Where(r => !structural.Contains(r)).CountBy(r => image.Tokens.Crops[r]).ToArray();
        Assert.Equal(5, crops.Length);
        Assert.All(crops, c => Assert.Equal(576, c.Value));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_projector_is_found_with_its_closed_form(string kind, string precision)
    {
        var model = models.Open(kind, precision);

        Assert.NotNull(model.Projector);
        Assert.Equal(ProjectorActivation.Gelu, model.Projector.Activation);
        Assert.False(model.Projector.IsLinear);
        Assert.Null(model.NoEstimatorReason);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Answers_are_finite_and_text_with_all_tokens_and_with_a_quarter(string kind, string precision)
    {
        var model = models.Open(kind, precision);
        var image = Encode(kind, precision, Pictures.Gradient(448, 448));
        var pruner = new TokenPruner(model.CreateEstimator(), new SadsSelector(), new TokenBudget { KeepRatio = 0.25, PerCrop = true });
        var kept = new ImageSelection(image, pruner.Prune(image.Tokens, TestContext.Current.CancellationToken).Kept);

        var (all, allLogits) = Answer(model, ImageSelection.All(image));
        var (quarter, quarterLogits) = Answer(model, kept);

        Assert.True(kept.Kept.Count < image.Count / 2);
        Assert.All(allLogits.Concat(quarterLogits), logit => Assert.True(float.IsFinite(logit)));
        Assert.All(all.Concat(quarter), id => Assert.InRange(id, SilentTokens(kind), 1023));
        Assert.Matches("^[a-z ]+$", model.Tokenizer.Decode([.. all]));

        // Of order one: what is normalised and multiplied by 1 / sqrt(width) has a deviation of one.
        var deviation = Math.Sqrt(allLogits.Where(logit => logit != 0).Average(logit => (double)logit * logit));
        Assert.InRange(deviation, 0.5, 2);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_the_picture_shows_reaches_the_logits(string kind, string precision)
    {
        var model = models.Open(kind, precision);

        var (_, one) = Answer(model, ImageSelection.All(Encode(kind, precision, Pictures.Gradient(448, 448))));
        var (_, other) = Answer(model, ImageSelection.All(Encode(kind, precision, Pictures.WithWhite(448, 448, 100, 100, 200))));

        Assert.Contains(one.Zip(other), pair => Math.Abs(pair.First - pair.Second) > 1e-3);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Text_survives_the_tokenizer(string kind, string precision)
    {
        const string Text = "What is in the picture? Größe: 12 €\n";
        var tokenizer = models.Open(kind, precision).Tokenizer;

        var ids = tokenizer.Encode([PromptSegment.User(Text)]).Ids;

        Assert.Equal(Text, tokenizer.Decode([.. ids]));
        Assert.True(ids.Length < Text.Length);
    }

    private static int SilentTokens(string kind) => ModelKinds.All.Single(k => k.Name == kind).SpecialTokens.Count + 256;

    private VisualTokens Encode(string kind, string precision, RgbImage picture)
    {
        var model = models.Open(kind, precision);
        return model.EncodeImage(model.ProcessImage(picture), TestContext.Current.CancellationToken);
    }

    /// <summary>Greedy ids and the logits that the first of them was chosen by.</summary>
    private static (List<int> Ids, float[] Logits) Answer(VisionLanguageModel model, ImageSelection image)
    {
        using var decoding = model.Prefill(
            model.EncodePrompt(s_question, [image]), [image], AnswerLength, TestContext.Current.CancellationToken);
        var first = decoding.Logits.ToArray();
        List<int> ids = [];
        while (true)
        {
            ids.Add(System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(decoding.Logits));
            if (ids.Count == AnswerLength)
            {
                return (ids, first);
            }

            decoding.Step(ids[^1], TestContext.Current.CancellationToken);
        }
    }
}
