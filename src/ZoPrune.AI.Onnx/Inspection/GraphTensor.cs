namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">Its element type, such as <c>float32</c>.</param>
/// <param name="Shape">Its dimensions; <c>null</c> for one that is open. <c>null</c> as a whole: the rank is not declared.</param>
public sealed record GraphTensor(string Name, string ElementType, IReadOnlyList<long?>? Shape);
