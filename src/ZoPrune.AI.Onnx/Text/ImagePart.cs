namespace ZoPrune.AI.Onnx.Text;

/// <summary>An image of a chat turn.</summary>
/// <param name="ImageIndex">The number of the image in the whole prompt, from 0.</param>
public sealed record ImagePart(int ImageIndex) : ChatPart;
