namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>An operation from one picture of three channels to one tensor.</summary>
internal abstract class PixelOperation(OperationIdentity identity, ImageTensorType inputType) : ImageOperation(identity)
{
    protected const int Channels = 3;

    public sealed override IReadOnlyList<ImageTensor> Apply(IReadOnlyList<ImageTensor> inputs, PictureBuffers? buffers)
    {
        var input = inputs[0];
        if (input.ElementType != inputType || input.Shape.Length != 3 || input.Shape[2] != Channels)
        {
            throw Identity.Fault($"takes {inputType} [height, width, {Channels}], but gets {input}.");
        }

        return [Apply(input, buffers)];
    }

    /// <summary>Processes a tensor of shape [height, width, 3].</summary>
    protected abstract ImageTensor Apply(ImageTensor input, PictureBuffers? buffers);
}
