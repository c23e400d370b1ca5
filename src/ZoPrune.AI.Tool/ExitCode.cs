namespace ZoPrune.AI.Tool;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>The folder would load.</summary>
    public const int Success = 0;

    /// <summary>It would not.</summary>
    public const int Problems = 1;

    /// <summary>The arguments are wrong.</summary>
    public const int Usage = 2;
}
