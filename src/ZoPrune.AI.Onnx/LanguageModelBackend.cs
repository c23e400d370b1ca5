using ZoPrune.AI.Onnx.Language;

namespace ZoPrune.AI.Onnx;

/// <summary>
/// Another program that generates, in place of this library's own sessions of the embedding graph and the decoder graph. The package
/// ZoPrune.AI.OnnxRuntimeGenAI has one.
/// </summary>
public abstract class LanguageModelBackend
{
    internal LanguageModelBackend()
    {
    }

    /// <summary>Its name, as <see cref="Decoding.LanguageModel"/> gives it.</summary>
    public abstract string Name { get; }

    /// <summary>Whether tokens can be given positions. If not, they are numbered as they stand, pruned ones left out.</summary>
    internal abstract bool TakesPositions { get; }

    /// <summary>Finds out whether it can generate from a folder, before anything of the folder is opened.</summary>
    /// <exception cref="NotSupportedException">It cannot.</exception>
    /// <exception cref="InvalidOperationException">The program itself is not there, or too old.</exception>
    internal abstract void Check(ModelParts parts);

    /// <summary>Opens a folder.</summary>
    /// <param name="parts">The folder.</param>
    /// <param name="threads">Threads inside one operation; <c>null</c>: as the folder says.</param>
    /// <exception cref="ModelFolderException">The folder cannot be opened.</exception>
    internal abstract ILanguageModel Open(ModelParts parts, int? threads);
}
