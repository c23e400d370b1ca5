namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>One byte of a set.</summary>
internal sealed class BytesNode(ByteSet bytes) : GrammarNode
{
    public ByteSet Bytes { get; } = bytes;
}
