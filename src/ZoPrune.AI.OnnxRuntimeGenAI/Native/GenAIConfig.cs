namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>The configuration of a model folder, changeable until a model is made of it. Not thread-safe.</summary>
internal sealed class GenAIConfig : IDisposable
{
    private readonly ConfigHandle _handle;
    private readonly List<NativeBuffer> _data = [];

    private GenAIConfig(ConfigHandle handle) => _handle = handle;

    /// <summary>Reads <c>genai_config.json</c>.</summary>
    /// <param name="path">The model folder.</param>
    /// <exception cref="InvalidOperationException">The native library is missing or too old.</exception>
    /// <exception cref="OnnxRuntimeGenAIException">The folder or its configuration is not what GenAI expects.</exception>
    public static GenAIConfig FromFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        GenAILibrary.EnsureLoaded();
        GenAIResult.Check(NativeMethods.OgaCreateConfig(path, out var handle), nameof(NativeMethods.OgaCreateConfig));
        return new GenAIConfig(handle);
    }

    /// <summary>Lays JSON of the same shape as <c>genai_config.json</c> over the configuration.</summary>
    /// <param name="json">The JSON object.</param>
    /// <exception cref="OnnxRuntimeGenAIException">The text is no JSON or names something unknown.</exception>
    public void Overlay(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        GenAIResult.Check(NativeMethods.OgaConfigOverlay(_handle, json), nameof(NativeMethods.OgaConfigOverlay));
    }

    /// <summary>Puts bytes in place of a file of the folder.</summary>
    /// <param name="fileName">The file, exactly as the configuration names it.</param>
    /// <param name="bytes">The graph, at least one byte. Copied: GenAI keeps only a view, so the copy lives as long as this object and the
    /// models made of it.</param>
    /// <exception cref="OnnxRuntimeGenAIException">There are no bytes, or the file was given bytes before.</exception>
    public void AddModelData(string fileName, ReadOnlySpan<byte> bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        var buffer = new NativeBuffer(bytes);
        try
        {
            GenAIResult.Check(
                NativeMethods.OgaConfigAddModelData(_handle, fileName, buffer, buffer.Length), nameof(NativeMethods.OgaConfigAddModelData));
        }
        catch
        {
            buffer.Dispose();
            throw;
        }

        _data.Add(buffer);
    }

    /// <summary>Removes the folder's execution providers; what is left is the CPU.</summary>
    public void ClearProviders() =>
        GenAIResult.Check(NativeMethods.OgaConfigClearProviders(_handle), nameof(NativeMethods.OgaConfigClearProviders));

    /// <summary>Adds an execution provider behind those that there are.</summary>
    /// <param name="provider">Its name in GenAI: <c>cuda</c>, <c>DML</c>, <c>QNN</c>, …</param>
    public void AppendProvider(string provider)
    {
        ArgumentException.ThrowIfNullOrEmpty(provider);
        GenAIResult.Check(NativeMethods.OgaConfigAppendProvider(_handle, provider), nameof(NativeMethods.OgaConfigAppendProvider));
    }

    /// <summary>Opens the model. This object may be disposed afterwards.</summary>
    /// <exception cref="OnnxRuntimeGenAIException">A graph, a device or a part of the configuration cannot be used.</exception>
    public GenAIModel CreateModel()
    {
        ModelHandle model;
        lock (ModelHandle.Opening)
        {
            GenAIResult.Check(
                NativeMethods.OgaCreateModelFromConfig(_handle, out model), nameof(NativeMethods.OgaCreateModelFromConfig));
        }

        return GenAIModel.Open(model, _data);
    }

    public void Dispose()
    {
        _handle.Dispose();
        foreach (var buffer in _data)
        {
            buffer.Dispose();
        }
    }
}
