using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>A tensor in memory of the library, so that nothing of ours must stay where it is. Not thread-safe.</summary>
internal sealed unsafe class GenAITensor : IDisposable
{
    private readonly long[] _shape;
    private readonly void* _data;

    /// <summary>Takes over a tensor in CPU memory.</summary>
    public GenAITensor(TensorHandle handle)
    {
        Handle = handle;
        try
        {
            GenAIResult.Check(NativeMethods.OgaTensorGetType(handle, out var type), nameof(NativeMethods.OgaTensorGetType));
            GenAIResult.Check(NativeMethods.OgaTensorGetShapeRank(handle, out var rank), nameof(NativeMethods.OgaTensorGetShapeRank));
            ElementType = (TensorElementType)type;
            _shape = new long[(int)rank];
            fixed (long* shape = _shape)
            {
                GenAIResult.Check(NativeMethods.OgaTensorGetShape(handle, shape, rank), nameof(NativeMethods.OgaTensorGetShape));
            }

            GenAIResult.Check(NativeMethods.OgaTensorGetData(handle, out _data), nameof(NativeMethods.OgaTensorGetData));
            ByteLength = checked((int)(Count(_shape) * SizeOf(ElementType)));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public TensorHandle Handle { get; }

    public TensorElementType ElementType { get; }

    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>The bytes of all elements.</summary>
    public int ByteLength { get; }

    /// <summary>The elements, for as long as the tensor is not disposed: keep a reference to it while the span is used.</summary>
    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(Handle.IsClosed, this);
            return new Span<byte>(_data, ByteLength);
        }
    }

    /// <summary>Makes a tensor with undefined elements, to be filled through <see cref="Bytes"/>.</summary>
    /// <param name="elementType">The type of its elements: numbers or bool, at least a byte each.</param>
    /// <param name="shape">Its shape, none of it negative.</param>
    /// <exception cref="InvalidOperationException">The native library is missing or too old.</exception>
    /// <exception cref="NotSupportedException">Elements of the type have no size in bytes.</exception>
    /// <exception cref="OverflowException">The tensor would have more than 2^31 - 1 bytes.</exception>
    /// <exception cref="OnnxRuntimeGenAIException">The shape cannot be used, or memory ran out.</exception>
    public static GenAITensor Create(TensorElementType elementType, ReadOnlySpan<long> shape)
    {
        foreach (var length in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(shape));
        }

        _ = checked((int)(Count(shape) * SizeOf(elementType)));
        GenAILibrary.EnsureLoaded();
        fixed (long* first = shape)
        {
            GenAIResult.Check(
                NativeMethods.OgaCreateTensorFromBuffer(null, first, (nuint)shape.Length, (int)elementType, out var handle),
                nameof(NativeMethods.OgaCreateTensorFromBuffer));
            return new GenAITensor(handle);
        }
    }

    /// <summary>Makes a tensor of values, copied.</summary>
    /// <typeparam name="T">float, <see cref="Float16"/>, <see cref="BFloat16"/>, int, long, byte or bool.</typeparam>
    /// <param name="shape">Its shape.</param>
    /// <param name="values">As many values as the shape has elements.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public static GenAITensor Create<T>(ReadOnlySpan<long> shape, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var tensor = Create(ElementTypeOf<T>(), shape);
        try
        {
            tensor.CheckCount(values.Length, Unsafe.SizeOf<T>(), nameof(values));
            MemoryMarshal.AsBytes(values).CopyTo(tensor.Bytes);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Copies the elements.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="destination">Takes them; exactly as long.</param>
    /// <exception cref="ArgumentException">The destination has another length or type.</exception>
    public void CopyTo<T>(Span<T> destination)
        where T : unmanaged
    {
        if (ElementTypeOf<T>() != ElementType)
        {
            throw new ArgumentException($"The tensor has elements of type {ElementType}, not {ElementTypeOf<T>()}.", nameof(destination));
        }

        CheckCount(destination.Length, Unsafe.SizeOf<T>(), nameof(destination));
        Bytes.CopyTo(MemoryMarshal.AsBytes(destination));

        // The span does not keep the memory: without this a finaliser could free it during the copy.
        GC.KeepAlive(this);
    }

    public void Dispose() => Handle.Dispose();

    private static TensorElementType ElementTypeOf<T>() =>
        typeof(T) == typeof(float) ? TensorElementType.Float
        : typeof(T) == typeof(Float16) || typeof(T) == typeof(Half) ? TensorElementType.Float16
        : typeof(T) == typeof(BFloat16) ? TensorElementType.BFloat16
        : typeof(T) == typeof(int) ? TensorElementType.Int32
        : typeof(T) == typeof(long) ? TensorElementType.Int64
        : typeof(T) == typeof(byte) ? TensorElementType.UInt8
        : typeof(T) == typeof(bool) ? TensorElementType.Bool
        : throw new NotSupportedException($"Tensors of {typeof(T)} are not supported.");

    private static int SizeOf(TensorElementType type) => type switch
    {
        TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Bool => 1,
        TensorElementType.UInt16 or TensorElementType.Int16 or TensorElementType.Float16 or TensorElementType.BFloat16 => 2,
        TensorElementType.Float or TensorElementType.Int32 or TensorElementType.UInt32 => 4,
        TensorElementType.Double or TensorElementType.Int64 or TensorElementType.UInt64 => 8,
        _ => throw new NotSupportedException($"Tensors of {type} are not supported."),
    };

    private static long Count(ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var length in shape)
        {
            count = checked(count * length);
        }

        return count;
    }

    private void CheckCount(int count, int size, string parameter)
    {
        if ((long)count * size != ByteLength)
        {
            throw new ArgumentException(
                $"There are {count} values, but the tensor [{string.Join(", ", _shape)}] has {ByteLength / size} elements.", parameter);
        }
    }
}
