namespace ZoPrune.AI.Onnx;

/// <summary>ONNX Runtime failed while it ran a graph: memory ran out, a device was lost, or the graph and its inputs do not fit.</summary>
public class ModelRunException : Exception
{
    /// <summary>Makes an exception without details.</summary>
    public ModelRunException()
        : this("ONNX Runtime could not run a graph.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">What failed.</param>
    public ModelRunException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and its cause.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="innerException">The cause.</param>
    public ModelRunException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal ModelRunException(string graphPath, Microsoft.ML.OnnxRuntime.OnnxRuntimeException innerException)
        : base($"{graphPath}: ONNX Runtime could not run the graph: {innerException.Message}", innerException)
    {
        GraphPath = graphPath;
    }

    /// <summary>The graph that was run.</summary>
    public string? GraphPath { get; }
}
