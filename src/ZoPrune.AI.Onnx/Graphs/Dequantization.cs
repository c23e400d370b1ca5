using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>
/// Linear quantisation undone: <c>(q - zero point) · scale</c>, for a whole tensor, along an axis, or in blocks along an axis.
/// </summary>
internal static class Dequantization
{
    /// <summary>Stands for a zero point that is left out, which means 0.</summary>
    public static readonly ConstantTensor NoZeroPoint = new("", [], TensorElementType.UInt8, () => [0]);

    /// <summary>The numbers that a quantised constant stands for.</summary>
    /// <param name="quantized">The integers.</param>
    /// <param name="scale">One scale, one for each place along the axis, or one for each block of it.</param>
    /// <param name="zeroPoint">As many zero points, or one.</param>
    /// <param name="axis">The axis that scales belong to; counted from the end if negative.</param>
    /// <param name="blockSize">How many places along the axis share a scale; 0 where there are no blocks.</param>
    /// <returns>The constant; <c>null</c> if one of the parts is missing or their shapes do not fit.</returns>
    public static ConstantTensor? Of(
        ConstantTensor? quantized, ConstantTensor? scale, ConstantTensor? zeroPoint, int axis, long blockSize = 0)
    {
        if (quantized is null || scale is null || zeroPoint is null
            || ScaleIndex(quantized.Shape, scale.Count, axis, blockSize) is not { } index)
        {
            return null;
        }

        return zeroPoint.Count == 1 || zeroPoint.Count == scale.Count
            ? quantized with
            {
                ElementType = scale.ElementType,
                Values = () => Apply(quantized.Values(), scale.Values(), zeroPoint.Values(), index),
            }
            : null;
    }

    /// <summary>
    /// Which scale belongs to which element; <c>null</c> if their number fits neither the tensor, the axis nor its blocks.
    /// </summary>
    private static Func<long, long>? ScaleIndex(IReadOnlyList<long> shape, long scales, int axis, long blockSize)
    {
        if (scales == 1)
        {
            return static _ => 0;
        }

        axis = axis < 0 ? axis + shape.Count : axis;
        if (axis < 0 || axis >= shape.Count || TensorShape.Count(shape) is null or 0)
        {
            return null;
        }

        var length = shape[axis];
        var inner = Product(shape.Skip(axis + 1));
        if (blockSize <= 0)
        {
            return scales == length ? element => element / inner % length : null;
        }

        var blocks = ((length - 1) / blockSize) + 1;
        return scales == Product(shape.Take(axis)) * blocks * inner
            ? element => ((((element / inner / length) * blocks) + (element / inner % length / blockSize)) * inner) + (element % inner)
            : null;
    }

    private static float[] Apply(float[] values, float[] scales, float[] zeroPoints, Func<long, long> scaleIndex)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var at = scaleIndex(i);
            values[i] = (values[i] - zeroPoints[zeroPoints.Length == 1 ? 0 : at]) * scales[at];
        }

        return values;
    }

    private static long Product(IEnumerable<long> dimensions) => dimensions.Aggregate(1L, static (product, d) => product * d);
}
