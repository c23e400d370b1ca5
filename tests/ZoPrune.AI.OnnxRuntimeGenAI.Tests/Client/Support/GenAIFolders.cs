using ZoPrune.AI.Testing;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client.Support;

/// <summary>The folders of the tests that ONNX Runtime GenAI can open, as <see cref="ModelFolders.All"/> names them.</summary>
internal static class GenAIFolders
{
    public static IReadOnlyList<string> All { get; } = [.. ModelFolders.All.Where(f => !f.StartsWith("hf/", StringComparison.Ordinal))];

    /// <summary>
    /// Whether a generator can be taken back. Not behind a window that is full, not where past and present share no buffer, and not in GenAI's
    /// Phi-3 vision models.
    /// </summary>
    public static bool GoesBack(string folder) => folder is not ("genai/gemma3" or "genai/mistral3" or "genai/phi3v" or "genai/phi3v-int4");

    /// <summary>Whether visual tokens have a place in a grid, which pruned ones keep.</summary>
    public static bool HasGrid(string folder) =>
        folder.Contains("qwen", StringComparison.Ordinal) || folder.EndsWith("fara", StringComparison.Ordinal);
}
