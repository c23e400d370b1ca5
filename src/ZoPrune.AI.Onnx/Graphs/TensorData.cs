using System.Buffers.Binary;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Reads the values of a weight as float32 from where they lie: the graph, the ONNX file or an external data file.</summary>
internal static class TensorData
{
    // Numbers of the ONNX specification that the managed enumeration does not name.
    private const TensorElementType UInt4 = (TensorElementType)21;
    private const TensorElementType Int4 = (TensorElementType)22;

    /// <summary>The values, in the order of the shape.</summary>
    /// <exception cref="ModelFolderException">The data is missing, too short, outside the folder, or of a type without numbers.</exception>
    public static float[] ReadFloats(OnnxGraph graph, GraphInitializer weight)
    {
        var count = weight.Count ?? throw Bad(graph, weight.Name, $"has the impossible shape {TensorShape.Text(weight.Shape)}.");
        if (ReadBytes(graph, weight) is not { } bytes)
        {
            return Typed(graph, weight.Tensor, count);
        }

        var bits = Bits(weight.ElementType)
            ?? throw Bad(graph, weight.Name, $"has the element type {weight.ElementType}; a type of numbers is needed here.");
        var needed = Bytes(count, bits);
        if (bytes.Length != needed)
        {
            throw Bad(graph, weight.Name, $"has {bytes.Length} bytes of data where its shape {TensorShape.Text(weight.Shape)} needs {needed}.");
        }

        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
        {
            var at = bytes.AsSpan((int)((long)i * bits / 8));
            values[i] = weight.ElementType switch
            {
                TensorElementType.Float => BinaryPrimitives.ReadSingleLittleEndian(at),
                TensorElementType.Double => (float)BinaryPrimitives.ReadDoubleLittleEndian(at),
                TensorElementType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(at),
                TensorElementType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(at) << 16),
                TensorElementType.UInt8 => at[0],
                TensorElementType.Int8 => (sbyte)at[0],
                TensorElementType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
                TensorElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(at),
                TensorElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
                TensorElementType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(at),
                UInt4 => Nibble(at[0], i),
                _ => (sbyte)(Nibble(at[0], i) << 4) >> 4,
            };
        }

        return values;
    }

    /// <summary>The raw bytes of a weight; <c>null</c> if its values stand in typed fields of the graph.</summary>
    public static byte[]? ReadBytes(OnnxGraph graph, GraphInitializer weight) =>
        PlaceOf(graph, weight) is { } place ? ReadAt(graph, weight.Name, place.File, place.Offset, place.Length)
        : weight.Tensor.HasRawData ? weight.Tensor.RawData.ToByteArray()
        : null;

    /// <summary>Where the raw bytes of a weight lie; <c>null</c> if the graph as it was read holds its values.</summary>
    /// <exception cref="ModelFolderException">They lie outside the folder, or in a file that does not exist.</exception>
    public static (string File, long Offset, long Length)? PlaceOf(OnnxGraph graph, GraphInitializer weight)
    {
        if (weight.IsSkipped)
        {
            return (graph.File, weight.Offset, weight.Length);
        }

        if (!weight.IsExternal)
        {
            return null;
        }

        var data = ExternalData.Of(graph.File, weight.Tensor);
        var length = data.Length
            ?? (weight.Count is { } count && Bits(weight.ElementType) is { } bits ? Bytes(count, bits) : FileLength.Of(data.File) - data.Offset);
        return (data.File, data.Offset, length);
    }

    /// <summary>How many bytes elements have, of which several may share one.</summary>
    public static long Bytes(long count, int bits) => ((count * bits) + 7) / 8;

    /// <summary>The size of an element in bits; <c>null</c> for types that are not read as numbers here.</summary>
    public static int? Bits(TensorElementType type) => type switch
    {
        TensorElementType.Int64 or TensorElementType.Double => 64,
        TensorElementType.Float or TensorElementType.Int32 => 32,
        TensorElementType.Float16 or TensorElementType.BFloat16 or TensorElementType.Int16 or TensorElementType.UInt16 => 16,
        TensorElementType.Int8 or TensorElementType.UInt8 => 8,
        Int4 or UInt4 => 4,
        _ => null,
    };

    /// <summary>Two elements share a byte, the first in its lower half.</summary>
    private static int Nibble(byte pair, int index) => (pair >> (4 * (index & 1))) & 0xF;

    private static float[] Typed(OnnxGraph graph, TensorProto tensor, long count)
    {
        float[] values = (TensorElementType)tensor.DataType switch
        {
            TensorElementType.Float => [.. tensor.FloatData],
            TensorElementType.Double => [.. tensor.DoubleData.Select(d => (float)d)],
            TensorElementType.Float16 => [.. tensor.Int32Data.Select(i => (float)BitConverter.UInt16BitsToHalf((ushort)i))],
            TensorElementType.BFloat16 => [.. tensor.Int32Data.Select(i => BitConverter.Int32BitsToSingle(i << 16))],
            TensorElementType.Int8 or TensorElementType.UInt8 or TensorElementType.Int16 or TensorElementType.UInt16 or TensorElementType.Int32 =>
                [.. tensor.Int32Data.Select(i => (float)i)],
            TensorElementType.Int64 => [.. tensor.Int64Data.Select(i => (float)i)],
            var type => throw Bad(graph, tensor.Name, $"has the element type {type}; a type of numbers is needed here."),
        };
        return values.Length == count ? values : throw Bad(graph, tensor.Name, $"has {values.Length} values where its shape needs {count}.");
    }

    private static byte[] ReadAt(OnnxGraph graph, string name, string file, long offset, long length)
    {
        try
        {
            return ReadBytes(graph, name, file, offset, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException(file, $"the data of '{name}' cannot be read: {e.Message}", e);
        }
    }

    private static byte[] ReadBytes(OnnxGraph graph, string name, string file, long offset, long length)
    {
        using var handle = File.OpenHandle(file);
        if (offset < 0 || length < 0 || length > Array.MaxLength || offset > RandomAccess.GetLength(handle) - length)
        {
            throw Bad(graph, name, $"lies at bytes {offset} to {offset + length} of {Path.GetFileName(file)}, which has {RandomAccess.GetLength(handle)}.");
        }

        var bytes = new byte[length];
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(handle, bytes.AsSpan(done), offset + done);
            if (read == 0)
            {
                throw Bad(graph, name, $"ends early in {Path.GetFileName(file)}.");
            }

            done += read;
        }

        return bytes;
    }

    private static ModelFolderException Bad(OnnxGraph graph, string name, string problem) => new(graph.File, $"the weight '{name}' {problem}");
}
