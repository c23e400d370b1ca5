namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>One step of a folder's image processing: named tensors in, a list of tensors out. Stateless, safe to share.</summary>
internal abstract class ImageOperation(OperationIdentity identity)
{
    public OperationIdentity Identity { get; } = identity;

    /// <summary>How many tensors the operation takes.</summary>
    public virtual int InputCount => 1;

    /// <summary>How many tensors it makes.</summary>
    public virtual int OutputCount => 1;

    public abstract IReadOnlyList<ImageTensor> Apply(IReadOnlyList<ImageTensor> inputs);

    /// <summary>The size of the picture behind this operation, given the size before it; null where it depends on the picture.</summary>
    public virtual (int Width, int Height)? SizeAfter((int Width, int Height)? before) => before;
}
