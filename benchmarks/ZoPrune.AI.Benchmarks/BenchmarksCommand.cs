using System.CommandLine;
using System.Globalization;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using ZoPrune.AI.Benchmarks.EndToEnd;
using ZoPrune.AI.Benchmarks.EndToEnd.Memory;
using ZoPrune.AI.Benchmarks.Kernels;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.Benchmarks;

/// <summary>The command line.</summary>
internal static class BenchmarksCommand
{
    private const int Usage = 2;

    /// <summary>Parses the arguments and runs what they name.</summary>
    /// <returns>0, or 2 for wrong arguments.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        // Numbers in tables are the same everywhere.
        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        var root = new RootCommand("Measures what a call costs, in whole and in its parts.")
        {
            EndToEnd(output), Kernels(), PeakMemory(output),
        };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0 || arguments.Length == 0)
        {
            foreach (var fault in parsed.Errors)
            {
                await error.WriteLineAsync(fault.Message);
            }

            return arguments.Length == 0 ? await root.Parse(["--help"]).InvokeAsync() : Usage;
        }

        var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        try
        {
            return await parsed.InvokeAsync(configuration);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            await error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static Command EndToEnd(TextWriter output)
    {
        var defaults = new EndToEndOptions();
        var kinds = new Option<string[]>("--kinds")
        {
            AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. defaults.Kinds], Description = "Kinds of SyntheticVlm.",
        };
        var sizes = new Option<string[]>("--sizes")
        {
            AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. defaults.Sizes], Description = "Sizes of SyntheticVlm.",
        };
        kinds.AcceptOnlyFromAmong([.. ModelKinds.All.Select(kind => kind.Name)]);
        sizes.AcceptOnlyFromAmong([.. ModelKinds.All.SelectMany(kind => kind.Sizes).Select(size => size.Name).Distinct()]);
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => defaults.Rounds, Description = "Rounds of each model." };
        rounds.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number < 1)
            {
                result.AddError("--rounds must be at least 1.");
            }
        });
        var folder = new Option<DirectoryInfo?>("--folder") { Description = "Where models are written, and found the next time." };
        var save = new Option<bool>("--save") { Description = "Writes the tables and plots to benchmarks/results." };
        var quick = new Option<bool>("--quick") { Description = "The smallest size alone, and half the rounds." };
        var command = new Command("end-to-end", "Time to first token, tokens a second and memory, on models of random weights.")
        {
            kinds, sizes, rounds, folder, save, quick,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(save) && (result.GetValue(quick) || IsGiven(kinds) || IsGiven(sizes) || IsGiven(rounds)))
            {
                result.AddError("--save writes the whole tables: it goes with --folder alone.");
            }

            // Defaults are filled in behind the validation.
            var asked = defaults with { Kinds = Given(kinds) ?? defaults.Kinds, Sizes = Given(sizes) ?? defaults.Sizes };
            if (!(result.GetValue(quick) ? asked.Quick() : asked).Models().Any())
            {
                result.AddError("None of these kinds is measured in one of these sizes.");
            }

            string[]? Given(Option<string[]> option) => IsGiven(option) ? result.GetValue(option) : null;

            bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new EndToEndOptions
            {
                Kinds = parsed.GetRequiredValue(kinds),
                Sizes = parsed.GetRequiredValue(sizes),
                Rounds = parsed.GetRequiredValue(rounds),
                ModelFolder = parsed.GetValue(folder)?.FullName ?? defaults.ModelFolder,
                ResultFolder = parsed.GetValue(save) ? Repository.Results : null,
            };
            var report = await EndToEndRun.RunAsync(parsed.GetValue(quick) ? options.Quick() : options, output, cancellation);
            await output.WriteLineAsync(report);
            return 0;
        });
        return command;
    }

    private static Command Kernels()
    {
        var filter = new Option<string>("--filter") { DefaultValueFactory = _ => "*", Description = "Which benchmarks, by name." };
        var save = new Option<bool>("--save") { Description = "Writes the tables to benchmarks/results; all of them, without --filter." };
        var command = new Command("kernels", "The parts one by one, with BenchmarkDotNet.") { filter, save };
        command.Validators.Add(result =>
        {
            if (result.GetValue(save) && result.GetResult(filter) is { Implicit: false })
            {
                result.AddError("--save writes all tables: it does not go with --filter.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(BenchmarksCommand).Assembly)
                .Run(["--filter", parsed.GetRequiredValue(filter)], KernelConfig.Create())];
            if (parsed.GetValue(save))
            {
                await File.WriteAllTextAsync(
                    Path.Combine(Repository.Results, KernelReport.FileName), KernelReport.Create(summaries), cancellation);
            }

            return summaries.Any(summary => summary.BenchmarksCases.Length > 0) ? 0 : 1;
        });
        return command;
    }

    /// <summary>What the end-to-end run starts as a process of its own.</summary>
    private static Command PeakMemory(TextWriter output)
    {
        var memoryCase = new Argument<MemoryCase>("case");
        var folder = new Argument<string>("folder");
        var picture = new Argument<string>("picture");
        var prompt = new Argument<string>("prompt");
        var promptTokens = new Argument<int>("prompt-tokens");
        var threads = new Argument<int>("threads");
        var command = new Command(MemoryProbe.Command, "Prints the peak memory of one case; used by end-to-end.")
        {
            memoryCase, folder, picture, prompt, promptTokens, threads,
        };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellation) =>
        {
            await MemoryProbe.RunAsync(
                parsed.GetRequiredValue(memoryCase),
                parsed.GetRequiredValue(folder),
                parsed.GetRequiredValue(picture),
                parsed.GetRequiredValue(prompt),
                parsed.GetRequiredValue(promptTokens),
                parsed.GetRequiredValue(threads),
                cancellation);
            await output.WriteLineAsync(PeakMemoryReader.Read().ToString(CultureInfo.InvariantCulture));
            return 0;
        });
        return command;
    }
}
