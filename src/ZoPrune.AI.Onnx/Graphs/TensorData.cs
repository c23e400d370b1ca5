using System.Buffers.Binary;
using System.Globalization;
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
        var bytes = ReadBytes(graph, weight);
        var count = weight.Count;
        if (bytes is null)
        {
            return Typed(graph, weight.Tensor, count);
        }

        var bits = Bits(graph, weight);
        var needed = checked((count * bits) + 7) / 8;
        if (bytes.Length != needed)
        {
            throw Bad(graph, weight.Name, $"has {bytes.Length} bytes of data where its shape needs {needed}.");
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
    public static byte[]? ReadBytes(OnnxGraph graph, GraphInitializer weight)
    {
        if (weight.IsSkipped)
        {
            return ReadAt(graph, weight.Name, graph.File, weight.Offset, weight.Length);
        }

        if (weight.IsExternal)
        {
            return ReadExternal(graph, weight);
        }

        return weight.Tensor.HasRawData ? weight.Tensor.RawData.ToByteArray() : null;
    }

    /// <summary>The size of an element in bits.</summary>
    private static int Bits(OnnxGraph graph, GraphInitializer weight) => weight.ElementType switch
    {
        TensorElementType.Int64 or TensorElementType.Double => 64,
        TensorElementType.Float or TensorElementType.Int32 => 32,
        TensorElementType.Float16 or TensorElementType.BFloat16 or TensorElementType.Int16 or TensorElementType.UInt16 => 16,
        TensorElementType.Int8 or TensorElementType.UInt8 => 8,
        Int4 or UInt4 => 4,
        var type => throw Bad(graph, weight.Name, $"has the element type {type}; a type of numbers is needed here."),
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

    private static byte[] ReadExternal(OnnxGraph graph, GraphInitializer weight)
    {
        var location = "";
        long offset = 0;
        var length = -1L;
        foreach (var entry in weight.Tensor.ExternalData)
        {
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Number(graph, weight, entry);
                    break;
                case "length":
                    length = Number(graph, weight, entry);
                    break;
            }
        }

        if (location.Length == 0 || !ConfinedPath.Holds(location))
        {
            throw Bad(graph, weight.Name, $"names the external data file '{location}', which is not a path inside the folder.");
        }

        var file = Path.Combine(Path.GetDirectoryName(graph.File)!, location);
        if (!File.Exists(file))
        {
            throw new ModelFolderException(file, $"the external data file of {Path.GetFileName(graph.File)} does not exist.");
        }

        return ReadAt(graph, weight.Name, file, offset, length >= 0 ? length : new FileInfo(file).Length - offset);
    }

    private static long Number(OnnxGraph graph, GraphInitializer weight, StringStringEntryProto entry) =>
        long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Bad(graph, weight.Name, $"has external data with {entry.Key} '{entry.Value}'.");

    private static byte[] ReadAt(OnnxGraph graph, string name, string file, long offset, long length)
    {
        using var handle = File.OpenHandle(file);
        if (offset < 0 || length < 0 || offset > RandomAccess.GetLength(handle) - length || length > Array.MaxLength)
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
