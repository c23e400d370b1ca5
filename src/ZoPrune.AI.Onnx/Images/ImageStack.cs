namespace ZoPrune.AI.Onnx.Images;

/// <summary>Puts the outputs of several pictures together on a new leading axis, as ONNX Runtime GenAI does.</summary>
internal static class ImageStack
{
    /// <summary>Stacks output by output.</summary>
    /// <param name="images">The outputs of each picture, at least one picture.</param>
    /// <returns>
    /// Tensors with a leading axis for the pictures. Where shapes differ, the lexicographically largest one counts and the others are
    /// padded with zeros at the end of each axis.
    /// </returns>
    /// <exception cref="NotSupportedException">
    /// A tensor does not fit into the shape that counts; GenAI's result is undefined then.
    /// </exception>
    public static IReadOnlyList<ImageTensor> Stack(IReadOnlyList<IReadOnlyList<ImageTensor>> images)
    {
        ArgumentOutOfRangeException.ThrowIfZero(images.Count);
        return [.. Enumerable.Range(0, images[0].Count).Select(output => StackOne([.. images.Select(image => image[output])]))];
    }

    private static ImageTensor StackOne(ImageTensor[] tensors)
    {
        var largest = tensors[0];
        foreach (var tensor in tensors)
        {
            if (tensor.ElementType != largest.ElementType || tensor.Shape.Length != largest.Shape.Length)
            {
                throw new NotSupportedException($"{tensor} and {largest} of different images cannot be put together.");
            }

            if (tensor.Shape.SequenceCompareTo(largest.Shape) > 0)
            {
                largest = tensor;
            }
        }

        var shape = largest.Shape.ToArray();
        if (tensors.FirstOrDefault(tensor => !Fits(tensor.Shape, shape)) is { } tooLarge)
        {
            throw new NotSupportedException(
                $"{tooLarge} of one image does not fit into {largest} of another; process images of such different sizes one by one.");
        }

        return largest.ElementType switch
        {
            ImageTensorType.UInt8 => new ImageTensor(Join(tensors, t => t.Bytes, shape), [tensors.Length, .. shape]),
            ImageTensorType.Float32 => new ImageTensor(Join(tensors, t => t.Singles, shape), [tensors.Length, .. shape]),
            ImageTensorType.Int64 => new ImageTensor(Join(tensors, t => t.Int64s, shape), [tensors.Length, .. shape]),
            _ => new ImageTensor(Join(tensors, t => t.Booleans, shape), [tensors.Length, .. shape]),
        };
    }

    private static bool Fits(ReadOnlySpan<int> shape, int[] target)
    {
        for (var axis = 0; axis < target.Length; axis++)
        {
            if (shape[axis] > target[axis])
            {
                return false;
            }
        }

        return true;
    }

    private static T[] Join<T>(ImageTensor[] tensors, Func<ImageTensor, ReadOnlyMemory<T>> values, int[] shape)
    {
        var length = shape.Aggregate(1, (product, axis) => checked(product * axis));
        var joined = new T[checked(tensors.Length * length)];
        for (var i = 0; i < tensors.Length; i++)
        {
            Copy(values(tensors[i]).Span, tensors[i].Shape, joined.AsSpan(i * length, length), shape);
        }

        return joined;
    }

    private static void Copy<T>(ReadOnlySpan<T> source, ReadOnlySpan<int> shape, Span<T> target, ReadOnlySpan<int> targetShape)
    {
        if (shape.SequenceEqual(targetShape))
        {
            source.CopyTo(target);
            return;
        }

        var (step, targetStep) = (source.Length / shape[0], target.Length / targetShape[0]);
        for (var i = 0; i < shape[0]; i++)
        {
            var part = source.Slice(i * step, step);
            if (shape.Length == 1)
            {
                part.CopyTo(target[i..]);
            }
            else
            {
                Copy(part, shape[1..], target.Slice(i * targetStep, targetStep), targetShape[1..]);
            }
        }
    }
}
