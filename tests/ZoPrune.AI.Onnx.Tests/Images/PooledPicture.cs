using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>Compares what is made in pooled memory full of rubbish with what is made in new arrays.</summary>
internal static class PooledPicture
{
    public static void FillPools()
    {
        DirtyPool.Fill<byte>();
        DirtyPool.Fill<float>();
        DirtyPool.Fill<long>();
        DirtyPool.Fill<bool>();
        DirtyPool.Fill<Float16>();
        DirtyPool.Fill<BFloat16>();
    }

    /// <summary>Equal to the last bit, and not the same memory.</summary>
    public static void AssertEqual(IReadOnlyDictionary<string, ImageTensor> expected, IReadOnlyDictionary<string, ImageTensor> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, pair => AssertEqual(pair.Value, actual[pair.Key]));
    }

    /// <summary>Equal to the last bit.</summary>
    public static void AssertEqual(ImageTensor expected, ImageTensor actual)
    {
        Assert.Equal(expected.ToString(), actual.ToString());
        Assert.NotSame(expected.Array, actual.Array);
        Assert.True(expected.ElementType switch
        {
            ImageTensorType.UInt8 => expected.Bytes.Span.SequenceEqual(actual.Bytes.Span),
            ImageTensorType.Float32 => expected.Singles.Span.SequenceEqual(actual.Singles.Span),
            ImageTensorType.Int64 => expected.Int64s.Span.SequenceEqual(actual.Int64s.Span),
            _ => expected.Booleans.Span.SequenceEqual(actual.Booleans.Span),
        });
    }
}
