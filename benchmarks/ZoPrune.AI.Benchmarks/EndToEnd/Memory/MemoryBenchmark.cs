using System.Diagnostics;
using System.Globalization;
using ZoPrune.AI.Benchmarks.EndToEnd.Models;
using ZoPrune.AI.Benchmarks.Native;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Memory;

/// <summary>Starts this program once more for each case, so that every peak is that of a fresh process.</summary>
internal static class MemoryBenchmark
{
    /// <summary>Measures all cases of a model.</summary>
    /// <param name="model">The model, of the kind llava-like.</param>
    /// <param name="promptTokens">The length of its unpruned prompt.</param>
    /// <param name="threads">Threads inside one operation.</param>
    /// <param name="cancellation">Ends the process under way.</param>
    /// <exception cref="InvalidOperationException">A process failed; the message has what it wrote.</exception>
    public static async Task<MemoryResult> RunAsync(ModelCase model, int promptTokens, int threads, CancellationToken cancellation)
    {
        var picture = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".jpg");
        await File.WriteAllBytesAsync(picture, BenchmarkPicture.Create(ModelCase.PictureSide), cancellation);
        try
        {
            var peaks = new Dictionary<MemoryCase, long>();
            foreach (var memoryCase in Enum.GetValues<MemoryCase>())
            {
                if (GenAILibrary.IsPresent || memoryCase is not (MemoryCase.GenAIPipeline or MemoryCase.GenAIClient))
                {
                    peaks[memoryCase] = await MeasureAsync(
                        [
                            memoryCase.ToString(),
                            model.Folder,
                            picture,
                            model.GenAIPrompt(ModelBenchmark.Question),
                            promptTokens.ToString(CultureInfo.InvariantCulture),
                            threads.ToString(CultureInfo.InvariantCulture),
                        ],
                        cancellation);
                }
            }

            return new MemoryResult(model, peaks);
        }
        finally
        {
            File.Delete(picture);
        }
    }

    private static async Task<long> MeasureAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(StartOf(arguments))!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0
                ? long.Parse(output, CultureInfo.InvariantCulture)
                : throw new InvalidOperationException(
                    $"{string.Join(' ', arguments.Take(2))} ended with {process.ExitCode}: {await errors}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static ProcessStartInfo StartOf(IReadOnlyList<string> arguments)
    {
        // Tests run this within a program of their own.
        var assembly = typeof(MemoryBenchmark).Assembly.Location;
        var host = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        var start = new ProcessStartInfo(File.Exists(host) ? host : "dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (!File.Exists(host))
        {
            start.ArgumentList.Add(assembly);
        }

        start.ArgumentList.Add(MemoryProbe.Command);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }
}
