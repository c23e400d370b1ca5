namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>
/// An <c>OgaModel</c>, with the model data that it may go on reading (<c>session.use_ort_model_bytes_directly</c>) for as long as it lives.
/// </summary>
internal sealed class ModelHandle : GenAIHandle
{
    // GenAI has one stream, one allocator and one sampler a device in the process, not one a model.
    private static readonly Lock DeviceGate = new();

    private readonly List<NativeBuffer> _data = [];

    /// <summary>
    /// Held while a model is opened or destroyed: what the first model of a device sets up is shared by all, and the last may tear it down.
    /// Whoever takes it may hold a <see cref="Gate"/>, as a call of a generator can be what releases its model; who holds it takes no gate.
    /// </summary>
    public static Lock Opening { get; } = new();

    /// <summary>
    /// Held while objects of this model are made and destroyed, and, where generators do not run side by side, while they run.
    /// </summary>
    public Lock Gate { get; private set; } = new();

    /// <summary>Whether generators run side by side: they do on the CPU, where they share nothing that changes.</summary>
    public bool RunsInParallel { get; private set; } = true;

    /// <summary>
    /// Says what the model runs on, before objects of it are made. All models on devices other than the CPU have one gate, whichever the
    /// device: two at the same time are rare, and nothing says that their devices share nothing.
    /// </summary>
    /// <param name="deviceType">The device in GenAI's words.</param>
    public void SetDevice(string deviceType)
    {
        RunsInParallel = string.Equals(deviceType, "CPU", StringComparison.OrdinalIgnoreCase);
        if (!RunsInParallel)
        {
            Gate = DeviceGate;
        }
    }

    /// <summary>Keeps model data alive as long as the model.</summary>
    public void Keep(IEnumerable<NativeBuffer> data)
    {
        foreach (var buffer in data)
        {
            var added = false;
            buffer.DangerousAddRef(ref added);
            _data.Add(buffer);
        }
    }

    protected override bool ReleaseHandle()
    {
        lock (Gate)
        {
            lock (Opening)
            {
                NativeMethods.OgaDestroyModel(handle);
            }
        }

        foreach (var buffer in _data)
        {
            buffer.DangerousRelease();
        }

        return true;
    }
}
