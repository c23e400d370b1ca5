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
        Guard(options => session.Run(options, inputNames, inputs, outputNames), cancellationToken);

    /// <summary>Runs the graph into outputs that the caller allocated.</summary>
    public void Run(
        IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputs,
        IReadOnlyCollection<string> outputNames,
        IReadOnlyCollection<OrtValue> outputs,
        CancellationToken cancellationToken) =>
        Guard(
            options =>
            {
                session.Run(options, inputNames, inputs, outputNames, outputs);
                return 0;
            },
            cancellationToken);

    public void Dispose()
    {
        _disposed = true;
        session.Dispose();
    }

    private T Guard<T>(Func<RunOptions, T> run, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(VisionLanguageModel));
        cancellationToken.ThrowIfCancellationRequested();
        using var options = new RunOptions();
        using var registration = cancellationToken.UnsafeRegister(static state => ((RunOptions)state!).Terminate = true, options);
        try
        {
            return run(options);
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ModelRunException(file, e);
        }
    }
}
