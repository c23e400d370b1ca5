using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Onnx.Folders;

/// <summary>One ONNX Runtime session with the file it came from. Thread-safe; runs can be cancelled in the middle.</summary>
internal sealed class GraphSession(InferenceSession session, string file) : IDisposable
{
    private bool _disposed;

    /// <summary>Runs the graph; ONNX Runtime allocates the outputs. The caller disposes them.</summary>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputs,
        IReadOnlyCollection<string> outputNames,
        CancellationToken cancellationToken) =>
        Guard(
            static (session, options, run) => session.Run(options, run.inputNames, run.inputs, run.outputNames),
            (inputNames, inputs, outputNames),
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
            cancellationToken);

    /// <summary>Runs the graph with what is bound.</summary>
    public void Run(OrtIoBinding binding, CancellationToken cancellationToken) => Guard(
        static (session, options, binding) =>
        {
            session.RunWithBinding(options, binding);
            return 0;
        },
        binding,
        cancellationToken);

    /// <summary>Makes a binding of values to the graph's inputs and outputs; it serves one run at a time.</summary>
    public OrtIoBinding CreateBinding()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(VisionLanguageModel));
        return session.CreateIoBinding();
    }

    public void Dispose()
    {
        _disposed = true;
        session.Dispose();
    }

    private TResult Guard<TState, TResult>(
        Func<InferenceSession, RunOptions, TState, TResult> run, TState state, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(VisionLanguageModel));
        cancellationToken.ThrowIfCancellationRequested();
        using var options = new RunOptions();
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
