using System.Globalization;

namespace ZoPrune.AI.Benchmarks.Reporting;

/// <summary>How numbers stand in tables.</summary>
internal static class Figures
{
    /// <summary>A time or a size.</summary>
    public static string Number(double value) => value.ToString(value < 100 ? "F2" : "F0", CultureInfo.InvariantCulture);

    /// <summary>A ratio.</summary>
    public static string Ratio(double value) => value.ToString(value < 10 ? "F3" : "F1", CultureInfo.InvariantCulture);

    /// <summary>A share.</summary>
    public static string Percent(double value) => value.ToString("P1", CultureInfo.InvariantCulture);

    /// <summary>A rank correlation.</summary>
    public static string Correlation(double value) => value.ToString("F5", CultureInfo.InvariantCulture);
}
