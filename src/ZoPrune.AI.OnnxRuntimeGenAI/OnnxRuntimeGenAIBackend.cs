using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.OnnxRuntimeGenAI.Generation;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;

namespace ZoPrune.AI.OnnxRuntimeGenAI;

/// <summary>
/// ONNX Runtime GenAI as the language model: its own generator reads the pruned visual tokens. Two backends with the same settings are
/// equal. The application references the GenAI package of its device; only the native library in it is used.
/// </summary>
/// <remarks>
/// GenAI numbers the tokens of a prompt itself, so that pruned tokens move together (<see cref="PositionPolicy.Compact"/>). Where tokens
/// have a place in a grid (Qwen's families) this library's own sessions generate from pruned images in its place.
/// </remarks>
public sealed class OnnxRuntimeGenAIBackend : LanguageModelBackend, IEquatable<OnnxRuntimeGenAIBackend>
{
    internal const string BackendName = "OnnxRuntimeGenAI";

    /// <summary>Makes a backend.</summary>
    /// <param name="executionProvider">See <see cref="OnnxRuntimeGenAIOptions.ExecutionProvider"/>.</param>
    public OnnxRuntimeGenAIBackend(string? executionProvider = null) =>
        ExecutionProvider = string.IsNullOrWhiteSpace(executionProvider) ? null : executionProvider.Trim();

    /// <summary>The execution provider in place of the folder's; <see langword="null"/>: the folder's.</summary>
    public string? ExecutionProvider { get; }

    /// <inheritdoc/>
    public override string Name => BackendName;

    /// <inheritdoc/>
    public bool Equals(OnnxRuntimeGenAIBackend? other) =>
        other is not null && string.Equals(ExecutionProvider, other.ExecutionProvider, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as OnnxRuntimeGenAIBackend);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(ExecutionProvider ?? "");

    internal override bool TakesPositions => false;

    internal override void Check(ModelParts parts)
    {
        if (parts.Folder.Layout != ModelFolderLayout.GenAI)
        {
            throw new NotSupportedException(
                $"{parts.Folder.Path} has the transformers.js layout, which ONNX Runtime GenAI cannot open. Leave the language model unset for it, or take a folder "
                + $"with a {ModelFolder.ConfigFileName}.");
        }

        if (ExecutionProvider is { } provider && FolderOverlay.FindOtherProvider(parts.Folder, provider) is { } section)
        {
            throw new NotSupportedException(
                $"{parts.Folder.ConfigFile}: {section}.session_options is a section of its own that names another execution provider than '{provider}', or none, and ONNX Runtime "
                + $"GenAI can only change that of the decoder. Take a folder made for the device, or leave {nameof(ExecutionProvider)} unset.");
        }

        GenAILibrary.EnsureLoaded();
    }

    internal override ILanguageModel Open(ModelParts parts, int? threads)
    {
        var folder = parts.Folder;
        try
        {
            using var config = GenAIConfig.FromFolder(folder.Path);
            config.Overlay(FolderOverlay.Create(folder, threads, ExecutionProvider));
            config.AddModelData(FolderOverlay.VisionFile, FolderOverlay.CreateVisionGraph(parts));
            if (ExecutionProvider is { } provider)
            {
                config.ClearProviders();
                if (!FolderOverlay.IsCpu(provider))
                {
                    config.AppendProvider(provider);
                }
            }

            var model = config.CreateModel();
            try
            {
                return new GenAILanguageModel(parts, model);
            }
            catch
            {
                model.Dispose();
                throw;
            }
        }
        catch (OnnxRuntimeGenAIException e)
        {
            var provider = ExecutionProvider is null ? "" : $" with the execution provider '{ExecutionProvider}' (option {nameof(ExecutionProvider)})";
            throw new ModelFolderException(
                folder.Path,
                $"ONNX Runtime GenAI cannot open the folder{provider}: {e.Message} A device needs the GenAI package that was made for it "
                + "(Microsoft.ML.OnnxRuntimeGenAI.Cuda, Microsoft.ML.OnnxRuntimeGenAI.DirectML, …) and its libraries.",
                e);
        }
    }
}
