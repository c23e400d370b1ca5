namespace ZoPrune.AI.Benchmarks.EndToEnd;

/// <summary>The names of what is measured. Times are milliseconds.</summary>
internal static class Measures
{
    public const string GenAIFirstToken = "genai pipeline, first token";
    public const string GenAIRate = "genai pipeline, tokens a second";
    public const string GenAIClientFirstToken = "client on genai, first token";
    public const string GenAIClientRate = "client on genai, tokens a second";

    public static string FirstToken(int kept) => $"client {kept}, first token";

    public static string Rate(int kept) => $"client {kept}, tokens a second";

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
}
