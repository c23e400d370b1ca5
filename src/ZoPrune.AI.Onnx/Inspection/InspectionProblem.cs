namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>Something that keeps a model folder from being used.</summary>
/// <param name="File">The file that it is about, as a full path, if it is about one.</param>
/// <param name="Message">What is wrong, naming the file and the key or tensor.</param>
public sealed record InspectionProblem(string? File, string Message);
