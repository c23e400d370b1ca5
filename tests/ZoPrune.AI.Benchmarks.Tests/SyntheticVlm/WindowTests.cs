using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.SyntheticVlm;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Benchmarks.Tests.SyntheticVlm;

/// <summary>Windows of the Qwen2.5-VL kind.</summary>
public sealed class WindowTests
{
    private const int WindowPixels = 112;

    [Fact]
    public void Without_a_layer_that_sees_all_a_change_stays_in_its_window_and_in_its_place()
    {
        using var model = Open(wholeEvery: 3);

        // The window in row 1, column 2 of 3 x 4.
        var changed = ChangedTokens(model, left: 2 * WindowPixels, top: WindowPixels);

        var expected = Enumerable.Range(0, 12 * 16).Where(token => token / 16 / 4 == 1 && token % 16 / 4 == 2);
        Assert.Equal(expected, changed);
    }

    [Fact]
    public void A_layer_that_sees_all_spreads_it_over_the_picture()
    {
        using var model = Open(wholeEvery: 2);

        Assert.Equal(Enumerable.Range(0, 12 * 16), ChangedTokens(model, left: 0, top: 0));
    }

    /// <summary>A model of two layers.</summary>
    private static VisionLanguageModel Open(int wholeEvery)
    {
        var plan = SyntheticModel.Plan("qwen2.5-vl-like", ModelSize.Tiny, WeightPrecision.Float32);
        var folder = TemporaryFolders.Create();
        SyntheticModel.Write(plan with { Size = plan.Size with { Vision = plan.Size.Vision with { WholeEvery = wholeEvery } } }, folder);
        return VisionLanguageModel.Load(folder);
    }

    private static List<int> ChangedTokens(VisionLanguageModel model, int left, int top)
    {
        const int Width = 4 * WindowPixels;
        const int Height = 3 * WindowPixels;
        var before = Encode(Pictures.Gradient(Width, Height));
        var after = Encode(Pictures.WithWhite(Width, Height, left, top, WindowPixels));
        return [.. Enumerable.Range(0, before.Rows).Where(row => !before.Row(row).SequenceEqual(after.Row(row)))];

        Pruning.TokenMatrix Encode(RgbImage picture) =>
            model.EncodeImage(model.ProcessImage(picture), TestContext.Current.CancellationToken).Tokens.Embeddings;
    }
}
