namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>One graph of a model folder.</summary>
public sealed record GraphInspection
{
    /// <summary>What it is: <c>vision</c>, <c>embedding</c>, <c>decoder</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The file that would be opened, as a full path.</summary>
    public required string File { get; init; }

    /// <summary>Its size on disk with its external data, in bytes; <c>null</c> if it does not exist.</summary>
    public long? Bytes { get; init; }

    /// <summary>The precision of its weights in words, such as <c>float16</c> or <c>int4 MatMulNBits in blocks of 32</c>.</summary>
    public string? Precision { get; init; }

    /// <summary>The version of the standard operators that it was exported for.</summary>
    public long? Opset { get; init; }

    /// <summary>How many nodes it has, without those in bodies of loops and branches.</summary>
    public int Nodes { get; init; }

    /// <summary>Its inputs.</summary>
    public IReadOnlyList<GraphTensor> Inputs { get; init; } = [];

    /// <summary>Its outputs.</summary>
    public IReadOnlyList<GraphTensor> Outputs { get; init; } = [];

    /// <summary>Its operators that are not of ONNX itself, as <c>domain:operator</c>, sorted.</summary>
    public IReadOnlyList<string> ForeignOperators { get; init; } = [];

    /// <summary>
    /// The precisions that lie side by side: file names, sorted. Empty for folders of ONNX Runtime GenAI, which hold one.
    /// </summary>
    public IReadOnlyList<string> Variants { get; init; } = [];
}
