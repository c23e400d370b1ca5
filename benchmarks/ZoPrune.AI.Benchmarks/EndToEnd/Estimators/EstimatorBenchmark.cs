using System.Diagnostics;
using ZoPrune.AI.Benchmarks.Reporting;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Estimators;

/// <summary>Time and agreement of estimators on the visual tokens of pictures.</summary>
internal static class EstimatorBenchmark
{
    private const string Exact = "closed form, exact";

    /// <summary>The shares of visual tokens that are kept; of 576 they are 64, 128 and 192.</summary>
    public static IReadOnlyList<double> KeptShares { get; } = [1 / 9.0, 2 / 9.0, 1 / 3.0];

    /// <summary>Compares.</summary>
    /// <param name="name">What tables call the model.</param>
    /// <param name="folder">The folder of the model.</param>
    /// <param name="pictures">Encoded pictures.</param>
    /// <param name="threads">Threads inside one operation.</param>
    /// <param name="rounds">Rounds, each with every picture once.</param>
    /// <param name="cancellation">Stops before the next estimate.</param>
    public static IReadOnlyList<EstimatorResult> Run(
        string name, string folder, IReadOnlyList<byte[]> pictures, int threads, int rounds, CancellationToken cancellation)
    {
        using var model = VisionLanguageModel.Load(folder, new VisionLanguageModelOptions { Threads = threads });
        PrunableTokens[] tokens = [.. pictures.Select(picture => Encode(model, picture, cancellation))];
        var exact = ComparedEstimators.Exact(model);
        var others = ComparedEstimators.Others(model);
        var samples = new RoundSamples();

        // The first estimate makes what depends on the weights alone.
        float[][] expected = [.. tokens.Select(t => exact.Estimate(t, cancellation))];
        var found = others.ToDictionary(other => other.Name, other => tokens.Select(t => other.Estimator.Estimate(t, cancellation)).ToArray());
        ComparedEstimator[] alternatives = [new(Exact, exact), .. others];
        for (var round = 0; round < rounds; round++)
        {
            foreach (var alternative in round % 2 == 0 ? alternatives : Enumerable.Reverse(alternatives))
            {
                Measure(alternative.Name, alternative.Estimator);
            }
        }

        double[] all = [.. KeptShares.Select(_ => 1.0)];
        return
        [
            new EstimatorResult(
                name, Exact, samples.Median(Exact) / tokens.Length, 1, samples.Ratio(Exact, ComparedEstimators.EightBit), 1, all, all),
            .. others.Select(other => Compare(other, found[other.Name])),
        ];

        void Measure(string measure, SensitivityEstimator estimator)
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var picture in tokens)
            {
                estimator.Estimate(picture, cancellation);
            }

            samples.Add(measure, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        EstimatorResult Compare(ComparedEstimator other, float[][] estimates) => new(
            name,
            other.Name,
            samples.Median(other.Name) / tokens.Length,
            samples.Ratio(other.Name, Exact),
            samples.Ratio(other.Name, ComparedEstimators.EightBit),
            estimates.Zip(expected, (a, b) => RankCorrelation.Spearman(a, b)).Average(),
            InCommonOf(estimates, SadsOptions.Proportional),
            InCommonOf(estimates, SadsOptions.Published));

        double[] InCommonOf(float[][] estimates, SadsOptions options) =>
            [.. KeptShares.Select(share => tokens.Select((t, i) => InCommon(t, expected[i], estimates[i], share, options)).Average())];
    }

    /// <summary>The share of the tokens kept by one that the other keeps too; both by the same selector.</summary>
    public static double InCommon(PrunableTokens tokens, float[] expected, float[] found, double share, SadsOptions options)
    {
        var count = Math.Max(1, (int)Math.Round(share * tokens.Embeddings.Rows));
        var selector = new SadsSelector(options);
        return Select(expected).Intersect(Select(found)).Count() / (double)count;

        int[] Select(float[] sensitivity) =>
            selector.Select(new SelectionInput { Embeddings = tokens.Embeddings, Sensitivity = sensitivity }, count);
    }

    private static PrunableTokens Encode(VisionLanguageModel model, byte[] picture, CancellationToken cancellation)
    {
        var image = ImageDecoder.Decode(picture, new ImageLimits(), "picture", model.ImageDecoding);
        return model.EncodeImage(model.ProcessImage(image), cancellation).Tokens;
    }
}
