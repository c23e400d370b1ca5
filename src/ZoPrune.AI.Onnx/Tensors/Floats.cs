using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx;

/// <summary>Moves float values between this library, which computes in float32, and graphs of other float types.</summary>
internal static class Floats
{
    /// <summary>Whether a type is one that this class reads and writes.</summary>
    public static bool IsFloat(TensorElementType type) => type is TensorElementType.Float or TensorElementType.Float16 or TensorElementType.BFloat16;

    /// <summary>The bytes of a value of such a type.</summary>
    public static int SizeOf(TensorElementType type) => type == TensorElementType.Float ? sizeof(float) : sizeof(ushort);

    /// <summary>The values of a tensor.</summary>
    /// <param name="value">The tensor.</param>
    /// <param name="buffers">Where the values lie; <c>null</c>: in an array of their own.</param>
    public static Memory<float> Read(OrtValue value, PictureBuffers? buffers = null)
    {
        var type = value.GetTensorTypeAndShape().ElementDataType;
        var source = BytesOf(value, type);
        var values = PictureBuffers.Take<float>(buffers, source.Length / SizeOf(type));
        Read(source, type, values.Span);
        return values;
    }

    /// <summary>Some values of a tensor.</summary>
    public static void Read(OrtValue value, int start, Span<float> target) =>
        Read(value, value.GetTensorTypeAndShape().ElementDataType, start, target);

    /// <summary>Some values of a tensor whose type is known: to ask it costs memory.</summary>
    public static void Read(OrtValue value, TensorElementType type, int start, Span<float> target)
    {
        var source = BytesOf(value, type);
        var size = SizeOf(type);
        Read(source.Slice(start * size, target.Length * size), type, target);
    }

    /// <summary>Widens as many values of a float type as there is room for; in float32 each of them is exact.</summary>
    public static void Read(ReadOnlySpan<byte> source, TensorElementType type, Span<float> target)
    {
        switch (type)
        {
            case TensorElementType.Float:
                MemoryMarshal.Cast<byte, float>(source)[..target.Length].CopyTo(target);
                break;
            case TensorElementType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source)[..target.Length], target);
                break;
            case TensorElementType.BFloat16:
                var narrow = MemoryMarshal.Cast<byte, ushort>(source);
                for (var i = 0; i < target.Length; i++)
                {
                    target[i] = BitConverter.Int32BitsToSingle(narrow[i] << 16);
                }

                break;
            default:
                throw Unsupported(type);
        }
    }

    /// <summary>Writes float32 values into a part of a tensor.</summary>
    public static void Write(ReadOnlySpan<float> values, OrtValue target, int start)
    {
        var type = target.GetTensorTypeAndShape().ElementDataType;
        var size = SizeOf(type);
        Write(values, type, target.GetTensorMutableRawData().Slice(start * size, values.Length * size));
    }

    /// <summary>Writes float32 values into memory in another float type.</summary>
    public static void Write(ReadOnlySpan<float> values, TensorElementType type, Span<byte> target)
    {
        switch (type)
        {
            case TensorElementType.Float:
                MemoryMarshal.AsBytes(values).CopyTo(target);
                break;
            case TensorElementType.Float16:
                TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(target));
                break;
            case TensorElementType.BFloat16:
                MemoryMarshal.AsBytes(ToBrainFloats(values).Span).CopyTo(target);
                break;
            default:
                throw Unsupported(type);
        }
    }

    /// <summary>A new tensor with float32 values in another float type, rounded to nearest.</summary>
    public static OrtValue Create(ReadOnlyMemory<float> values, TensorElementType type, long[] shape) => type switch
    {
        TensorElementType.Float => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(values), shape),
        TensorElementType.Float16 => OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, ToHalves(values.Span, ModelFolderLayout.TransformersJs), shape),
        TensorElementType.BFloat16 => OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, ToBrainFloats(values.Span), shape),
        _ => throw Unsupported(type),
    };

    /// <summary>float16: ties to even, or away from zero as GenAI rounds pixels (specification 4.14).</summary>
    public static Memory<Float16> ToHalves(ReadOnlySpan<float> values, ModelFolderLayout layout, PictureBuffers? buffers = null)
    {
        var halves = PictureBuffers.Take<Float16>(buffers, values.Length);
        if (layout == ModelFolderLayout.GenAI)
        {
            HalfConversion.ToHalf(values, MemoryMarshal.Cast<Float16, Half>(halves.Span));
        }
        else
        {
            TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<Float16, Half>(halves.Span));
        }

        return halves;
    }

    /// <summary>bfloat16 by dropping the low bits, as GenAI does (specification 4.14).</summary>
    public static Memory<BFloat16> ToBrainFloats(ReadOnlySpan<float> values, PictureBuffers? buffers = null)
    {
        var result = PictureBuffers.Take<BFloat16>(buffers, values.Length);
        HalfConversion.ToBFloat16Bits(values, MemoryMarshal.Cast<BFloat16, ushort>(result.Span));
        return result;
    }

    private static ReadOnlySpan<byte> BytesOf(OrtValue value, TensorElementType type) => type switch
    {
        TensorElementType.Float => MemoryMarshal.AsBytes(value.GetTensorDataAsSpan<float>()),
        TensorElementType.Float16 => MemoryMarshal.AsBytes(value.GetTensorDataAsSpan<Float16>()),
        TensorElementType.BFloat16 => MemoryMarshal.AsBytes(value.GetTensorDataAsSpan<BFloat16>()),
        _ => throw Unsupported(type),
    };

    private static NotSupportedException Unsupported(TensorElementType type) =>
        new($"A tensor of {type} where floats are needed is not supported.");
}
