using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="ElementType">Its element type.</param>
/// <param name="Dimensions">Its dimensions; <c>null</c> for a free one. <c>null</c> as a whole: the rank is unknown.</param>
internal sealed record GraphValue(string Name, TensorElementType ElementType, IReadOnlyList<long?>? Dimensions)
{
    public int? Rank => Dimensions?.Count;

    public override string ToString() =>
        $"{Name}: {ElementType}[{(Dimensions is null ? "?" : string.Join(", ", Dimensions.Select(d => d?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?")))}]";
}
