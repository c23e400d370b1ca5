namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>An open model. Thread-safe; it stays open until its last generator is disposed.</summary>
internal sealed unsafe class GenAIModel : IDisposable
{
    private readonly ModelHandle _handle;

    // The handle does not tell: it stays open while generators are.
    private volatile bool _disposed;

    private GenAIModel(ModelHandle handle)
    {
        _handle = handle;
        GenAIResult.Check(NativeMethods.OgaModelGetType(handle, out var type), nameof(NativeMethods.OgaModelGetType));
        Type = GenAIResult.Take(type);
        GenAIResult.Check(NativeMethods.OgaModelGetDeviceType(handle, out var device), nameof(NativeMethods.OgaModelGetDeviceType));
        DeviceType = GenAIResult.Take(device);
        handle.SetDevice(DeviceType);
    }

    /// <summary>The model's type: <c>model.type</c> of the configuration.</summary>
    public string Type { get; }

    /// <summary>The device that the decoder runs on, in GenAI's words: <c>CPU</c>, <c>CUDA</c>, <c>DirectML</c>, …</summary>
    public string DeviceType { get; }

    /// <summary>
    /// Whether generators run side by side. On devices other than the CPU they wait for one another, those of other models too: all of them
    /// share what the device has once in the process.
    /// </summary>
    public bool RunsInParallel => _handle.RunsInParallel;

    /// <summary>Takes over a model.</summary>
    /// <param name="handle">The model; disposed if it cannot be used.</param>
    /// <param name="data">The model data that it may go on reading.</param>
    public static GenAIModel Open(ModelHandle handle, IEnumerable<NativeBuffer> data)
    {
        try
        {
            handle.Keep(data);
            return new GenAIModel(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The parameters of a generator, as the configuration's <c>search</c> has them.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public GenAIGeneratorParams CreateGeneratorParams()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var parameters = ModelObjectHandle.Create(
            _handle,
            static model =>
            {
                GenAIResult.Check(
                    NativeMethods.OgaCreateGeneratorParams(model, out var made), nameof(NativeMethods.OgaCreateGeneratorParams));
                return made;
            });
        return new GenAIGeneratorParams(parameters, this);
    }

    /// <summary>Makes a generator: one sequence with its KV cache.</summary>
    /// <param name="parameters">Its parameters, made by this model; they may be disposed afterwards.</param>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="ArgumentException">Another model made the parameters.</exception>
    /// <exception cref="OnnxRuntimeGenAIException">The parameters cannot be used.</exception>
    public GenAIGenerator CreateGenerator(GenAIGeneratorParams parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (parameters.Model != this)
        {
            throw new ArgumentException("The parameters were made by another model.", nameof(parameters));
        }

        var generator = ModelObjectHandle.Create(
            _handle,
            model =>
            {
                GenAIResult.Check(
                    NativeMethods.OgaCreateGenerator(model, parameters.Handle, out var made), nameof(NativeMethods.OgaCreateGenerator));
                return made;
            });
        return new GenAIGenerator(generator, RunsInParallel ? new Lock() : _handle.Gate);
    }

    public void Dispose()
    {
        _disposed = true;
        _handle.Dispose();
    }
}
