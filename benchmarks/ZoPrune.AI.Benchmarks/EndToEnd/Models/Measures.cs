namespace ZoPrune.AI.Benchmarks.EndToEnd.Models;

/// <summary>The names of what is measured. Times are milliseconds.</summary>
internal static class Measures
{
    public static string FirstToken(int kept) => $"client {kept}, first token";

    public static string Image(int kept) => $"client {kept}, image";

    public static string Vision(int kept) => $"client {kept}, vision";

    public static string Sensitivity(int kept) => $"client {kept}, sensitivity";

    public static string Selection(int kept) => $"client {kept}, selection";

    /// <summary>Sensitivity and selection together.</summary>
    public static string Pruning(int kept) => $"client {kept}, pruning";

    public static string Prefill(int kept) => $"client {kept}, prefill";

    /// <summary>Vision graph and decoder together, bare.</summary>
    public static string Bare(int kept) => $"bare {kept}";

    public static string BareVision(int kept) => $"bare {kept}, vision";

    public static string BareDecoder(int kept) => $"bare {kept}, decoder";

    /// <summary>Of a client beside GenAI, everything kept.</summary>
    /// <param name="usesGenAI">Whether GenAI is its language model, too.</param>
    public static string PairedFirstToken(bool usesGenAI) => $"{Client(usesGenAI)} beside genai, first token";

    /// <inheritdoc cref="PairedFirstToken"/>
    public static string PairedRate(bool usesGenAI) => $"{Client(usesGenAI)} beside genai, tokens a second";

    /// <summary>Of GenAI beside a client.</summary>
    /// <param name="usesGenAI">Whether GenAI is the client's language model, too.</param>
    public static string GenAIFirstToken(bool usesGenAI) => $"genai beside {Client(usesGenAI)}, first token";

    /// <inheritdoc cref="GenAIFirstToken"/>
    public static string GenAIRate(bool usesGenAI) => $"genai beside {Client(usesGenAI)}, tokens a second";

    private static string Client(bool usesGenAI) => usesGenAI ? "client on genai" : "client";
}
