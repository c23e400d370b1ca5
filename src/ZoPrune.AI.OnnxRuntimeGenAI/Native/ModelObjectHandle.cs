namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>An object that refers to a model: the model lives at least as long, whichever is disposed or finalised first.</summary>
internal abstract class ModelObjectHandle : GenAIHandle
{
    private ModelHandle? _model;

    /// <summary>Makes an object of a model, one at a time, as GenAI is not thread-safe.</summary>
    /// <typeparam name="THandle">The kind of object.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="create">Makes it; throws if it cannot.</param>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public static THandle Create<THandle>(ModelHandle model, Func<ModelHandle, THandle> create)
        where THandle : ModelObjectHandle
    {
        var added = false;
        try
        {
            model.DangerousAddRef(ref added);
            THandle made;
            lock (model.Gate)
            {
                made = create(model);
            }

            made._model = model;
            added = false;
            return made;
        }
        finally
        {
            if (added)
            {
                model.DangerousRelease();
            }
        }
    }

    protected abstract void Destroy(nint value);

    protected sealed override bool ReleaseHandle()
    {
        if (_model is not { } model)
        {
            Destroy(handle);
            return true;
        }

        // Off the CPU the finaliser of an object that nobody disposed waits here for a run that is under way, and all others with it.
        lock (model.Gate)
        {
            Destroy(handle);
        }

        model.DangerousRelease();
        return true;
    }
}
