using System.Text;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using ZoPrune.AI.Benchmarks.Reporting;

namespace ZoPrune.AI.Benchmarks.Kernels;

/// <summary>The tables of BenchmarkDotNet in one file.</summary>
internal static class KernelReport
{
    public const string FileName = "kernels.md";

    /// <summary>Renders all tables as Markdown.</summary>
    public static string Create(IEnumerable<Summary> summaries)
    {
        var text = new StringBuilder("# The parts one by one\n\n");
        text.Append(MachineDescription.Create()).Append(". BenchmarkDotNet, short runs in one process.\n\n");
        text.Append("Made by `dotnet run -c Release --project benchmarks/ZoPrune.AI.Benchmarks -- kernels --save`.\n");
        foreach (var summary in summaries.Where(summary => summary.BenchmarksCases.Length > 0))
        {
            var table = new AccumulationLogger();
            MarkdownExporter.GitHub.ExportToLog(summary, table);
            text.Append("\n## ").Append(summary.BenchmarksCases[0].Descriptor.Type.Name).Append("\n\n").Append(RowsOf(table.GetLog()));
        }

        return text.ToString();
    }

    // What stands around the table names the processor of this machine in every table anew.
    private static string RowsOf(string log) =>
        string.Concat(log.ReplaceLineEndings("\n").Split('\n').Where(line => line.StartsWith('|'))
            .Select(line => $"{line.Trim()}\n"));
}
