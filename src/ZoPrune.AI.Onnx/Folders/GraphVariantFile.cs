namespace ZoPrune.AI.Onnx.Folders;

/// <summary>The file of a graph that was chosen among its precisions.</summary>
/// <param name="File">The file, as a full path; it may not exist.</param>
/// <param name="Reason">What to say where it does not exist.</param>
/// <param name="Present">The precisions that there are: file names, sorted.</param>
internal sealed record GraphVariantFile(string File, string Reason, IReadOnlyList<string> Present);
