namespace ZoPrune.AI.Onnx;

/// <summary>A model folder, or a file in it, is missing, damaged or not what its description says.</summary>
public sealed class ModelFolderException : Exception
{
    /// <summary>Makes an exception without details.</summary>
    public ModelFolderException()
        : this("The model folder cannot be used.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">What is wrong, naming the file.</param>
    public ModelFolderException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and its cause.</summary>
    /// <param name="message">What is wrong, naming the file.</param>
    /// <param name="innerException">The cause.</param>
    public ModelFolderException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal ModelFolderException(string path, string problem, Exception? innerException = null)
        : base($"{path}: {problem}", innerException)
    {
        Path = path;
        Problem = problem;
    }

    /// <summary>The folder or file that the message is about, if it is about one.</summary>
    public string? Path { get; }

    /// <summary>The message without the path.</summary>
    internal string Problem { get; } = "";
}
