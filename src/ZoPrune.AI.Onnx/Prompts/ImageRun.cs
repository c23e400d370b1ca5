namespace ZoPrune.AI.Onnx.Prompts;

/// <summary>A run of placeholders in a prompt: rows <paramref name="FirstRow"/> and on of one image, as many as are kept of them.</summary>
/// <param name="Image">The number of the image.</param>
/// <param name="FirstRow">Its first row in the unpruned image.</param>
/// <param name="Rows">How many rows the unpruned prompt would hold here.</param>
internal sealed record ImageRun(int Image, int FirstRow, int Rows);
