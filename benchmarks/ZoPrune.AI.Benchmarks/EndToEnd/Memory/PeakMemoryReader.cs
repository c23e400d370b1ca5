using System.Diagnostics;
using System.Globalization;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Memory;

/// <summary>The most memory that this process had at once.</summary>
internal static class PeakMemoryReader
{
    private const string Status = "/proc/self/status";
    private const string Peak = "VmHWM:";

    /// <summary>Reads it: resident bytes, files that are mapped into memory among them.</summary>
    public static long Read()
    {
        if (!File.Exists(Status))
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }

        var line = File.ReadLines(Status).First(l => l.StartsWith(Peak, StringComparison.Ordinal));
        var number = line[Peak.Length..].Trim().Split(' ')[0];
        return long.Parse(number, CultureInfo.InvariantCulture) * 1024;
    }
}
