namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>One step of a folder's image processing: named tensors in, a list of tensors out. Stateless, safe to share.</summary>
internal abstract class ImageOperation(OperationIdentity identity)
{
    public OperationIdentity Identity { get; } = identity;

    /// <summary>How many tensors the operation takes.</summary>
    public virtual int InputCount => 1;

    /// <summary>How many tensors it makes.</summary>
    public virtual int OutputCount => 1;

    /// <summary>Runs the operation.</summary>
    /// <param name="inputs">As many tensors as it takes.</param>
    /// <param name="buffers">Where what it makes lies; null: in arrays of their own.</param>
    public abstract IReadOnlyList<ImageTensor> Apply(IReadOnlyList<ImageTensor> inputs, PictureBuffers? buffers);

    /// <summary>The size of the picture behind this operation, given the size before it; null where it depends on the picture.</summary>
    public virtual (int Width, int Height)? SizeAfter((int Width, int Height)? before) => before;
}
