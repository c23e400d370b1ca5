using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Onnx.Folders;

/// <summary>One ONNX Runtime session with the file it came from. Thread-safe; runs can be cancelled in the middle.</summary>
internal sealed class GraphSession(InferenceSession session, string file) : IDisposable
{
    private const string CpuMemory = "Cpu";

    private bool _disposed;

    /// <summary>Runs the graph; ONNX Runtime allocates the outputs. The caller disposes them.</summary>
    /// <param name="inputNames">The names of the inputs.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="outputNames">The names of the outputs.</param>
    /// <param name="cancellationToken">Ends the run in the middle.</param>
    /// <param name="options">Options to use again and again, by one run at a time; <c>null</c>: new ones.</param>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputs,
        IReadOnlyCollection<string> outputNames,
        CancellationToken cancellationToken,
        RunOptions? options = null) =>
        Guard(
            static (session, options, run) => session.Run(options, run.inputNames, run.inputs, run.outputNames),
            (inputNames, inputs, outputNames),
            options,
            cancellationToken);

    /// <summary>Runs the graph into outputs that the caller allocated.</summary>
    public void Run(
        IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputs,
        IReadOnlyCollection<string> outputNames,
        IReadOnlyCollection<OrtValue> outputs,
        CancellationToken cancellationToken) =>
        Guard(
            static (session, options, run) =>
            {
                session.Run(options, run.inputNames, run.inputs, run.outputNames, run.outputs);
                return 0;
            },
            (inputNames, inputs, outputNames, outputs),
            ownOptions: null,
            cancellationToken);

    /// <summary>Runs the graph with what is bound.</summary>
    /// <param name="binding">Inputs and outputs.</param>
    /// <param name="options">Options to use again and again, by one run at a time.</param>
    /// <param name="cancellationToken">Ends the run in the middle.</param>
    public void Run(OrtIoBinding binding, RunOptions options, CancellationToken cancellationToken) => Guard(
        static (session, options, binding) =>
        {
            session.RunWithBinding(options, binding);
            return 0;
        },
        binding,
        options,
        cancellationToken);

    /// <summary>Makes a binding of values to the graph's inputs and outputs; it serves one run at a time.</summary>
    public OrtIoBinding CreateBinding()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(VisionLanguageModel));
        return session.CreateIoBinding();
    }

    /// <summary>
    /// Whether all that the graph takes and gives is known to lie in ordinary memory. Elsewhere a binding copies an input when it is bound,
    /// and does not see what is written into it later.
    /// </summary>
    public bool IsOnCpu()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(VisionLanguageModel));
        try
        {
            using var inputs = session.GetMemoryInfosForInputs();
            using var outputs = session.GetMemoryInfosForOutputs();
            return inputs.Concat(outputs).All(memory => memory.Name == CpuMemory);
        }
        catch (OnnxRuntimeException)
        {
            // Ordinary runs work wherever it lies.
            return false;
        }
    }

    public void Dispose()
    {
        _disposed = true;
        session.Dispose();
    }

    private TResult Guard<TState, TResult>(
        Func<InferenceSession, RunOptions, TState, TResult> run, TState state, RunOptions? ownOptions, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(VisionLanguageModel));
        cancellationToken.ThrowIfCancellationRequested();
        using var newOptions = ownOptions is null ? new RunOptions() : null;
        var options = ownOptions ?? newOptions!;

        // An earlier token may have asked for it when its run was through already.
        options.Terminate = false;
        using var registration = cancellationToken.UnsafeRegister(static state => ((RunOptions)state!).Terminate = true, options);
        try
        {
            return run(session, options, state);
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ModelRunException(file, e);
        }
    }
}
