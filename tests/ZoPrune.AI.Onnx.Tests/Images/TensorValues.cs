using System.Text.Json;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>Compares tensors with recorded shapes, sums and samples.</summary>
internal static class TensorValues
{
    public static double[] Read(ImageTensor tensor) => tensor.ElementType switch
    {
        ImageTensorType.Float32 => [.. tensor.Singles.ToArray().Select(value => (double)value)],
        ImageTensorType.Int64 => [.. tensor.Int64s.ToArray().Select(value => (double)value)],
        ImageTensorType.Bool => [.. tensor.Booleans.ToArray().Select(value => value ? 1.0 : 0.0)],
        _ => [.. tensor.Bytes.ToArray().Select(value => (double)value)],
    };

    public static int[] Shape(JsonElement recorded) => [.. recorded.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32())];

    /// <summary>The shape of ours, with the axis of pictures merged into the next where the record has it so.</summary>
    public static int[] MergeLike(ImageTensor tensor, int axes)
    {
        var shape = tensor.Shape.ToArray();
        return shape.Length == axes ? shape : [shape[0] * shape[1], .. shape[2..]];
    }

    /// <summary>Sum, mean and samples: exact but for the digits that the record leaves out.</summary>
    public static void AssertEqual(JsonElement recorded, double[] values, double relative = 1e-7)
    {
        AssertClose(Number(recorded, "sum"), values.Sum(), relative, "sum");
        AssertClose(Number(recorded, "mean_abs"), values.Average(Math.Abs), relative, "mean_abs");
        var indices = recorded.GetProperty("sample_index").EnumerateArray().Select(i => i.GetInt32()).ToArray();
        var samples = Numbers(recorded.GetProperty("sample"));
        for (var i = 0; i < indices.Length; i++)
        {
            AssertClose(samples[i], values[indices[i]], relative, $"value {indices[i]}");
        }

        if (!recorded.TryGetProperty("plane_sums", out var planes))
        {
            return;
        }

        var sums = Numbers(planes);
        var length = values.Length / sums.Length;
        for (var plane = 0; plane < sums.Length; plane++)
        {
            AssertClose(sums[plane], values.AsSpan(plane * length, length).ToArray().Sum(), relative, $"plane {plane}");
        }
    }

    public static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    public static double[] Numbers(JsonElement element) => [.. element.EnumerateArray().Select(v => v.GetDouble())];

    private static void AssertClose(double expected, double actual, double relative, string what) => Assert.True(
        Math.Abs(actual - expected) <= (relative * Math.Abs(expected)) + 1e-12, $"{what} is {actual:R}, recorded is {expected:R}.");
}
