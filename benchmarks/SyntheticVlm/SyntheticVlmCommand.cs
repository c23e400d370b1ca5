using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.SyntheticVlm;

/// <summary>The command line.</summary>
internal static class SyntheticVlmCommand
{
    private const int Failure = 1;
    private const int Usage = 2;

    /// <summary>Parses the arguments and writes a folder.</summary>
    /// <returns>0, 1 if the folder cannot be written, 2 for wrong arguments.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var kind = new Option<string>("--kind") { Required = true, Description = "What is imitated." };
        kind.AcceptOnlyFromAmong([.. ModelKinds.All.Select(k => k.Name)]);
        var size = new Option<string>("--size") { Required = true, Description = "About how many parameters; tiny is for tests." };
        size.AcceptOnlyFromAmong([.. ModelKinds.All.SelectMany(k => k.Sizes).Select(s => s.Name).Distinct()]);
        var precision = new Option<string>("--precision")
        {
            DefaultValueFactory = _ => "int4", Description = "How the matrices of the decoder are stored.",
        };
        precision.AcceptOnlyFromAmong("int4", "fp32");
        var folder = new Option<DirectoryInfo>("--output") { Required = true, Description = "The folder." };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1, Description = "The seed of all weights." };
        var force = new Option<bool>("--force") { Description = "Writes into a folder that has files of others." };
        var root = new RootCommand("Writes the folder of a vision-language model with random weights, to measure speed with.")
        {
            kind, size, precision, folder, seed, force,
        };
        root.SetAction(parsed => Write(
            SyntheticModel.Plan(
                parsed.GetRequiredValue(kind),
                parsed.GetRequiredValue(size),
                parsed.GetRequiredValue(precision) == "int4" ? WeightPrecision.Int4 : WeightPrecision.Float32,
                parsed.GetRequiredValue(seed)),
            parsed.GetRequiredValue(folder).FullName,
            parsed.GetValue(force),
            output,
            error));
        var result = root.Parse(arguments);
        if (result.Errors.Count > 0)
        {
            foreach (var fault in result.Errors)
            {
                error.WriteLine(fault.Message);
            }

            return Usage;
        }

        return result.Invoke(new InvocationConfiguration { Output = output, Error = error });
    }

    private static int Write(ModelPlan plan, string path, bool force, TextWriter output, TextWriter error)
    {
        try
        {
            var start = Stopwatch.GetTimestamp();
            var (parameters, bytes) = SyntheticModel.Write(plan, path, force);
            output.WriteLine($"{plan.Kind.Name} {plan.Size.Name}: {plan.Kind.Imitates}");
            foreach (var (part, count) in parameters.Parts)
            {
                output.WriteLine(Line(part, count, "parameters"));
            }

            output.WriteLine(Line("all", parameters.Total, "parameters"));
            output.WriteLine(Line("files", bytes, "bytes"));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  seed {plan.Seed}, {seconds:F1} s"));
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(exception.Message);
            return Failure;
        }
    }

    private static string Line(string name, long count, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"  {name,-16} {count,15:N0} {unit}");
}
