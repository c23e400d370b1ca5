using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx;

/// <summary>An image behind the folder's operation list: what the vision graph is fed with.</summary>
/// <param name="Width">The width of the picture before processing, in pixels.</param>
/// <param name="Height">The height of the picture before processing, in pixels.</param>
/// <param name="Tensors">The outputs of the last operation, in order; the first one holds the pixels.</param>
public sealed record ProcessedImage(int Width, int Height, IReadOnlyList<ImageTensor> Tensors);
