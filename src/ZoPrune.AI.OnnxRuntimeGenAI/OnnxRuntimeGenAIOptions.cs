namespace ZoPrune.AI.OnnxRuntimeGenAI;

/// <summary>How ONNX Runtime GenAI opens a model folder.</summary>
public sealed class OnnxRuntimeGenAIOptions
{
    /// <summary>
    /// The execution provider in GenAI's words (<c>cuda</c>, <c>DML</c>, <c>QNN</c>, <c>cpu</c> …), in place of those that the folder names;
    /// <see langword="null"/> or empty (the default): the folder's, with the folder's options for them. GenAI can change the decoder's only:
    /// a folder whose <c>embedding</c>, <c>vision</c> or <c>speech</c> section names another one itself is refused, unless this is
    /// <c>cpu</c>.
    /// </summary>
    public string? ExecutionProvider { get; set; }
}
