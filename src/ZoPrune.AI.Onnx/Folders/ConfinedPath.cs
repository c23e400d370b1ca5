namespace ZoPrune.AI.Onnx.Folders;

/// <summary>What a file of a model folder may name: paths inside the folder.</summary>
internal static class ConfinedPath
{
    /// <summary>Whether a path is relative and, as it is written, stays below where it starts.</summary>
    public static bool Holds(string relative) =>
        !Path.IsPathRooted(relative)
        && !relative.Contains(':', StringComparison.Ordinal)
        && !relative.Contains('\0', StringComparison.Ordinal)
        && !relative.Split('/', '\\').Contains("..", StringComparer.Ordinal);
}
