using System.Diagnostics.CodeAnalysis;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Configuration;

/// <summary>The language models that a configuration can name.</summary>
internal static class LanguageModelBackends
{
    /// <summary>The key beside <see cref="ZoPruneOptions.LanguageModel"/> that holds the settings of ONNX Runtime GenAI, and its name.</summary>
    public const string OnnxRuntimeGenAI = "OnnxRuntimeGenAI";

    /// <summary>This library's own sessions, for a configuration that takes back what another one set.</summary>
    public const string Own = "OnnxRuntime";

    /// <summary>The setting of ONNX Runtime GenAI.</summary>
    public const string ExecutionProvider = "ExecutionProvider";

    // This assembly does not reference that one; trimming keeps a type that is named like this.
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    private static Type? GenAIType => Type.GetType("ZoPrune.AI.OnnxRuntimeGenAI.OnnxRuntimeGenAIBackend, ZoPrune.AI.OnnxRuntimeGenAI");

    /// <param name="name">The name, in any case.</param>
    /// <param name="executionProvider">The setting of ONNX Runtime GenAI.</param>
    /// <returns>The backend; <see langword="null"/> for this library's own sessions.</returns>
    /// <exception cref="ArgumentException">The name is unknown, or its package is not referenced.</exception>
    public static LanguageModelBackend? Named(string name, string? executionProvider)
    {
        if (name.Equals(Own, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (!name.Equals(OnnxRuntimeGenAI, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"There is no language model '{name}'; there are {Own} and {OnnxRuntimeGenAI}.");
        }

        return GenAIType is { } type
            ? (LanguageModelBackend)Activator.CreateInstance(type, executionProvider)!
            : throw new ArgumentException(
                $"The language model {OnnxRuntimeGenAI} is in the package ZoPrune.AI.OnnxRuntimeGenAI, which the application does not reference.");
    }
}
