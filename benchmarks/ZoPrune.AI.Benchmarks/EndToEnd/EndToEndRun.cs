using System.Diagnostics;
using System.Globalization;
using ZoPrune.AI.Benchmarks.EndToEnd.Estimators;
using ZoPrune.AI.Benchmarks.EndToEnd.Growth;
using ZoPrune.AI.Benchmarks.EndToEnd.Memory;
using ZoPrune.AI.Benchmarks.EndToEnd.Models;

namespace ZoPrune.AI.Benchmarks.EndToEnd;

/// <summary>The whole run: models, estimators, memory, growth, and the report.</summary>
internal static class EndToEndRun
{
    /// <summary>The name of the table's file.</summary>
    public const string TableFile = "end-to-end.md";

    private const int Pictures = 4;
    private const int EstimatorRounds = 3;

    /// <summary>Measures, and writes table and plots if the options name a folder for them.</summary>
    /// <returns>The table, as Markdown.</returns>
    public static async Task<string> RunAsync(EndToEndOptions options, TextWriter output, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await MeasureAsync(options, Progress, cancellation);
        Progress("done");
        var report = EndToEndReport.Create(options, result);
        if (options.ResultFolder is { } folder)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, TableFile), report, cancellation);
            foreach (var (file, plot) in result.Growth)
            {
                plot.Save(Path.Combine(folder, file));
            }
        }

        return report;

        void Progress(string what) => output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds,6:F0} s  {what}"));
    }

    private static async Task<EndToEndResult> MeasureAsync(EndToEndOptions options, Action<string> progress, CancellationToken cancellation)
    {
        var cache = new ModelCache(options.ModelFolder);
        var models = new List<ModelResult>();
        var memory = new List<MemoryResult>();
        var estimators = new List<EstimatorResult>();
        var growth = new List<GrowthResult>();
        byte[][] pictures = [.. Enumerable.Range(0, Pictures).Select(number => BenchmarkPicture.Create(ModelCase.PictureSide, number))];
        foreach (var (kind, size) in options.Models())
        {
            progress($"{kind} {size}: the folder");
            var model = cache.Get(kind, size);
            var measured = await ModelBenchmark.RunAsync(model, options, what => progress($"{model.Name}: {what}"), cancellation);
            models.Add(measured);
            if (kind != ModelCase.Llava)
            {
                continue;
            }

            progress($"{model.Name}: estimators");
            estimators.AddRange(EstimatorBenchmark.Run(
                model.Name, model.Folder, pictures[..1], options.Threads, Math.Min(options.Rounds, EstimatorRounds), cancellation));
            if (options.MeasuresMemory && !model.IsCutShort)
            {
                progress($"{model.Name}: peak memory");
                var promptTokens = measured.PromptTokens[model.AllTokens];
                memory.Add(await MemoryBenchmark.RunAsync(model, promptTokens, options.Threads, cancellation));
            }

            if (growth.Count == 0 && !model.IsCutShort)
            {
                using var benchmark = new GrowthBenchmark(model, options);
                growth.AddRange(await benchmark.RunAsync(what => progress($"{model.Name}: {what}"), cancellation));
            }
        }

        progress("PocketVLM: estimators");
        var rounds = Math.Min(options.Rounds, EstimatorRounds);
        estimators.AddRange(
            EstimatorBenchmark.Run("PocketVLM (learned)", PocketVlm.ModelPath, TrainedPictures(), options.Threads, rounds, cancellation));
        return new EndToEndResult(models, estimators, memory, growth);
    }

    /// <summary>Pictures of the kind that the bundled model was trained on, none of which it has seen.</summary>
    private static byte[][] TrainedPictures() =>
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "tests", "data", "pocket-vlm", "eval", "images"), "*.png")
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes),
    ];
}
