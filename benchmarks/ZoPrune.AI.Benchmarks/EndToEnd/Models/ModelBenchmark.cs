using ZoPrune.AI.Benchmarks.Native;
using ZoPrune.AI.Benchmarks.Reporting;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Models;

/// <summary>
/// One model: the chat client against bare sessions, then against GenAI. What is compared takes turns within each round, and nothing else
/// is in memory meanwhile.
/// </summary>
internal static class ModelBenchmark
{
    /// <summary>What is asked. Fixed: times depend on the length of the prompt.</summary>
    public const string Question = "What is in the picture, and where is it?";

    private const int ManyTokens = 1000;

    /// <summary>Measures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What is measured.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Stops before the next measurement.</param>
    public static async Task<ModelResult> RunAsync(
        ModelCase model, EndToEndOptions options, Action<string> progress, CancellationToken cancellation)
    {
        var picture = BenchmarkPicture.Create(ModelCase.PictureSide);
        var isLarge = model.AllTokens > ManyTokens || model.Size == EndToEndOptions.Largest;
        var rounds = isLarge ? EndToEndOptions.Half(options.Rounds) : options.Rounds;
        var warmUps = isLarge ? 1 : 2;
        var lengths = new Dictionary<int, int>();
        RoundSamples samples;
        double? bytesPerToken;
        using (var comparison = new BareComparison(model, picture, options))
        {
            progress("first calls");
            var alternatives = await comparison.PrepareAsync(lengths, cancellation);
            samples = await Rounds.RunAsync(alternatives, warmUps, rounds, progress, cancellation);
            bytesPerToken = model.IsCutShort ? null : await comparison.BytesPerTokenAsync(cancellation);
        }

        if (!model.IsCutShort && model.OpensInGenAI && GenAILibrary.IsPresent)
        {
            foreach (var usesGenAI in new[] { false, true })
            {
                progress("GenAI, first calls");
                using var comparison = new GenAIComparison(model, picture, usesGenAI, options);
                var alternatives = await comparison.PrepareAsync(lengths[model.AllTokens], cancellation);
                samples.Add(await Rounds.RunAsync(
                    alternatives, warmUps, usesGenAI ? rounds : 2 * rounds, what => progress($"GenAI, {what}"), cancellation));
            }
        }

        return new ModelResult(model, samples, lengths, bytesPerToken);
    }
}
