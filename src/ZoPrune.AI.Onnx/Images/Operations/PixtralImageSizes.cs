namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Passes a picture of shape [channels, height, width] on and tells its size beside it.</summary>
/// <remarks>Output 0: the input; output 1: int64 [2], height and width.</remarks>
internal sealed class PixtralImageSizes(OperationIdentity identity) : ImageOperation(identity)
{
    public const string TypeName = "PixtralImageSizes";

    public override int OutputCount => 2;

    public override IReadOnlyList<ImageTensor> Apply(IReadOnlyList<ImageTensor> inputs, PictureBuffers? buffers)
    {
        var input = inputs[0];
        if (input.ElementType != ImageTensorType.Float32 || input.Shape.Length != 3)
        {
            throw Identity.Fault($"takes Float32 [channels, height, width], but gets {input}.");
        }

        return [input, new ImageTensor(new long[] { input.Shape[1], input.Shape[2] }, 2)];
    }
}
