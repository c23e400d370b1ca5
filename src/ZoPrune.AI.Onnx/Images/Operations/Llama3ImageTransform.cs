namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Registered in ONNX Runtime GenAI, but of no model type that is read here.</summary>
internal static class Llama3ImageTransform
{
    public const string TypeName = "Llama3ImageTransform";

    /// <summary>Refuses the operation.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public static ImageOperation Refuse(OperationIdentity identity, OperationAttributes attributes) =>
        throw new NotSupportedException(
            $"{identity} is the picture processing of Llama 3.2 vision, whose cross-attention models are not supported.");
}
