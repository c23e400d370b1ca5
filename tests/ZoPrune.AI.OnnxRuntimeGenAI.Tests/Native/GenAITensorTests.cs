using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Native;

public sealed class GenAITensorTests
{
    [Fact]
    public void A_tensor_holds_what_it_was_made_of()
    {
        GenAI.SkipIfAbsent();
        Check<float>([2, 3], [1f, -2f, 3.5f, 0f, 5f, 6f], TensorElementType.Float);
        Check<Float16>([2], [(Float16)1f, (Float16)(-2f)], TensorElementType.Float16);
        Check<BFloat16>([1], [(BFloat16)3f], TensorElementType.BFloat16);
        Check<int>([1, 2], [int.MinValue, 7], TensorElementType.Int32);
        Check<long>([1, 1, 1], [long.MaxValue], TensorElementType.Int64);
        Check<byte>([3], [0, 1, 255], TensorElementType.UInt8);
        Check<bool>([2], [true, false], TensorElementType.Bool);
        Check<long>([], [42L], TensorElementType.Int64);
    }

    [Fact]
    public void A_tensor_may_be_empty()
    {
        GenAI.SkipIfAbsent();
        using var tensor = GenAITensor.Create<float>([0, 192], []);

        Assert.Equal([0L, 192L], tensor.Shape.ToArray());
        Assert.Equal(0, tensor.ByteLength);
        Assert.True(tensor.Bytes.IsEmpty);
    }

    [Fact]
    public void A_tensor_is_filled_through_its_bytes()
    {
        GenAI.SkipIfAbsent();
        using var tensor = GenAITensor.Create(TensorElementType.Int32, [2]);

        BitConverter.TryWriteBytes(tensor.Bytes, 258);
        BitConverter.TryWriteBytes(tensor.Bytes[4..], -1);

        var values = new int[2];
        tensor.CopyTo(values.AsSpan());
        Assert.Equal([258, -1], values);
    }

    private static void Check<T>(long[] shape, T[] values, TensorElementType type)
        where T : unmanaged
    {
        using var tensor = GenAITensor.Create<T>(shape, values);
        var copy = new T[values.Length];
        tensor.CopyTo(copy.AsSpan());

        Assert.Equal(type, tensor.ElementType);
        Assert.Equal(shape, tensor.Shape.ToArray());
        Assert.Equal(values, copy);
    }
}
