using ZoPrune.AI.Onnx;
using ZoPrune.AI.OnnxRuntimeGenAI;

namespace ZoPrune.AI;

/// <summary>Chooses ONNX Runtime GenAI as the language model.</summary>
public static class OnnxRuntimeGenAIExtensions
{
    /// <summary>
    /// Lets ONNX Runtime GenAI generate. The application also references GenAI's package for its device
    /// (<c>Microsoft.ML.OnnxRuntimeGenAI</c>, <c>.Cuda</c>, <c>.DirectML</c>, …); a missing one is an error when the model is loaded.
    /// </summary>
    /// <param name="options">The options of a client.</param>
    /// <param name="configure">Changes how GenAI opens the folder; what configuration said of it stands there already.</param>
    /// <returns>The same options.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    public static ZoPruneOptions UseOnnxRuntimeGenAI(this ZoPruneOptions options, Action<OnnxRuntimeGenAIOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.LanguageModel = Create(options.LanguageModel, configure);
        return options;
    }

    /// <summary>Lets ONNX Runtime GenAI generate, where the stages are used one by one.</summary>
    /// <param name="options">The options of a model.</param>
    /// <param name="configure">Changes how GenAI opens the folder.</param>
    /// <returns>The same options.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    public static VisionLanguageModelOptions UseOnnxRuntimeGenAI(
        this VisionLanguageModelOptions options, Action<OnnxRuntimeGenAIOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.LanguageModel = Create(options.LanguageModel, configure);
        return options;
    }

    private static OnnxRuntimeGenAIBackend Create(LanguageModelBackend? known, Action<OnnxRuntimeGenAIOptions>? configure)
    {
        // What configuration said of it stays, unless code says otherwise.
        var settings = new OnnxRuntimeGenAIOptions { ExecutionProvider = (known as OnnxRuntimeGenAIBackend)?.ExecutionProvider };
        configure?.Invoke(settings);
        return new OnnxRuntimeGenAIBackend(settings.ExecutionProvider);
    }
}
