using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>Integers of the type that a graph asks for. They do not move, so tensors over them can be filled anew between runs.</summary>
internal sealed class IntegerBuffer
{
    private readonly TensorElementType _type;
    private readonly long[] _longs = [];
    private readonly int[] _ints = [];

    /// <param name="type">int64 or int32.</param>
    /// <param name="length">How many integers.</param>
    /// <param name="value">The value of each at first.</param>
    public IntegerBuffer(TensorElementType type, int length, int value)
    {
        _type = type;
        if (type == TensorElementType.Int64)
        {
            _longs = GC.AllocateUninitializedArray<long>(length, pinned: true);
            Array.Fill(_longs, value);
        }
        else
        {
            _ints = GC.AllocateUninitializedArray<int>(length, pinned: true);
            Array.Fill(_ints, value);
        }
    }

    /// <summary>How many integers.</summary>
    public int Length => _longs.Length + _ints.Length;

    /// <summary>Sets all of them.</summary>
    /// <exception cref="OverflowException">The graph's type does not hold the value.</exception>
    public void Fill(long value)
    {
        if (_type == TensorElementType.Int64)
        {
            Array.Fill(_longs, value);
        }
        else
        {
            Array.Fill(_ints, checked((int)value));
        }
    }

    /// <summary>A tensor over the first of them, which lives as long as the buffer at most.</summary>
    public OrtValue CreateTensor(long[] shape) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance,
        _type,
        shape,
        _type == TensorElementType.Int64 ? Marshal.UnsafeAddrOfPinnedArrayElement(_longs, 0) : Marshal.UnsafeAddrOfPinnedArrayElement(_ints, 0),
        _type == TensorElementType.Int64 ? _longs.LongLength * sizeof(long) : _ints.LongLength * sizeof(int));
}
