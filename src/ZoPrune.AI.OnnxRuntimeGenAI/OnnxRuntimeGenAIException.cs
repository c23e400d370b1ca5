using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.OnnxRuntimeGenAI;

/// <summary>ONNX Runtime GenAI refused or failed: a model folder that it cannot load, inputs that do not fit, a device that is missing.</summary>
public sealed class OnnxRuntimeGenAIException : ModelRunException
{
    /// <summary>Makes an exception without details.</summary>
    public OnnxRuntimeGenAIException()
        : this("ONNX Runtime GenAI failed.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">What failed.</param>
    public OnnxRuntimeGenAIException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and its cause.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="innerException">The cause.</param>
    public OnnxRuntimeGenAIException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal OnnxRuntimeGenAIException(string function, string message)
        : base($"{function}: {message}")
    {
        Function = function;
    }

    /// <summary>The function of GenAI's C interface that failed; the message begins with it and goes on with the library's own words.</summary>
    public string? Function { get; }
}
