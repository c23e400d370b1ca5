using System.Runtime.InteropServices;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>
/// What image processing takes and makes: values of one type, row-major, with a shape.
/// </summary>
public sealed class ImageTensor
{
    private readonly int[] _shape;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly ReadOnlyMemory<float> _singles;
    private readonly ReadOnlyMemory<long> _integers;
    private readonly ReadOnlyMemory<bool> _booleans;

    /// <summary>A tensor of bytes, not copied.</summary>
    /// <exception cref="ArgumentException">The shape has not as many elements as there are values.</exception>
    public ImageTensor(ReadOnlyMemory<byte> values, params ReadOnlySpan<int> shape)
    {
        _shape = Check(shape, values.Length);
        _bytes = values;
        ElementType = ImageTensorType.UInt8;
    }

    /// <summary>A tensor of 32-bit floats, not copied.</summary>
    /// <exception cref="ArgumentException">The shape has not as many elements as there are values.</exception>
    public ImageTensor(ReadOnlyMemory<float> values, params ReadOnlySpan<int> shape)
    {
        _shape = Check(shape, values.Length);
        _singles = values;
        ElementType = ImageTensorType.Float32;
    }

    /// <summary>A tensor of 64-bit integers, not copied.</summary>
    /// <exception cref="ArgumentException">The shape has not as many elements as there are values.</exception>
    public ImageTensor(ReadOnlyMemory<long> values, params ReadOnlySpan<int> shape)
    {
        _shape = Check(shape, values.Length);
        _integers = values;
        ElementType = ImageTensorType.Int64;
    }

    /// <summary>A tensor of truth values, not copied.</summary>
    /// <exception cref="ArgumentException">The shape has not as many elements as there are values.</exception>
    public ImageTensor(ReadOnlyMemory<bool> values, params ReadOnlySpan<int> shape)
    {
        _shape = Check(shape, values.Length);
        _booleans = values;
        ElementType = ImageTensorType.Bool;
    }

    /// <summary>The type of the values.</summary>
    public ImageTensorType ElementType { get; }

    /// <summary>The length of each axis.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The values of a tensor of bytes.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type.</exception>
    public ReadOnlyMemory<byte> Bytes => ElementType == ImageTensorType.UInt8 ? _bytes : throw WrongType(ImageTensorType.UInt8);

    /// <summary>The values of a tensor of 32-bit floats.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type.</exception>
    public ReadOnlyMemory<float> Singles => ElementType == ImageTensorType.Float32 ? _singles : throw WrongType(ImageTensorType.Float32);

    /// <summary>The values of a tensor of 64-bit integers.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type.</exception>
    public ReadOnlyMemory<long> Int64s => ElementType == ImageTensorType.Int64 ? _integers : throw WrongType(ImageTensorType.Int64);

    /// <summary>The values of a tensor of truth values.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type.</exception>
    public ReadOnlyMemory<bool> Booleans => ElementType == ImageTensorType.Bool ? _booleans : throw WrongType(ImageTensorType.Bool);

    /// <summary>The array that the values lie in; null where they lie in none.</summary>
    internal Array? Array => ElementType switch
    {
        ImageTensorType.UInt8 => ArrayOf(_bytes),
        ImageTensorType.Float32 => ArrayOf(_singles),
        ImageTensorType.Int64 => ArrayOf(_integers),
        _ => ArrayOf(_booleans),
    };

    /// <summary>Type and shape, for messages: <c>Float32 [3, 64, 64]</c>.</summary>
    public override string ToString() => $"{ElementType} [{string.Join(", ", _shape)}]";

    private static T[]? ArrayOf<T>(ReadOnlyMemory<T> memory) => MemoryMarshal.TryGetArray(memory, out var segment) ? segment.Array : null;

    private static int[] Check(ReadOnlySpan<int> shape, int length)
    {
        long elements = 1;
        foreach (var axis in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(axis, nameof(shape));
            elements = checked(elements * axis);
        }

        return elements == length
            ? shape.ToArray()
            : throw new ArgumentException(
                $"A tensor of shape [{string.Join(", ", shape.ToArray())}] has {elements} values, not {length}.", nameof(shape));
    }

    private InvalidOperationException WrongType(ImageTensorType wanted) => new($"The tensor is {this}, not {wanted}.");
}
