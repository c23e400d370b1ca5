namespace ZoPrune.AI.Onnx.Text;

/// <summary>A tokenizer file is missing or malformed; the message names the file and what is wrong with it.</summary>
public sealed class TokenizerFormatException : Exception
{
    /// <summary>Makes the exception for one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public TokenizerFormatException(string path, string problem, Exception? innerException = null)
        : base($"{path}: {problem}", innerException)
    {
        Path = path;
    }

    /// <summary>The file that could not be read.</summary>
    public string Path { get; }
}
