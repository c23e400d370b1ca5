using System.Buffers.Binary;
using System.Globalization;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Reads the values of a weight as float32 from where they lie: the graph, the ONNX file or an external data file.</summary>
internal static class TensorData
{
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

        var size = weight.ElementType switch
        {
            TensorElementType.Float => 4,
            TensorElementType.Double => 8,
            TensorElementType.Float16 or TensorElementType.BFloat16 => 2,
            _ => throw Bad(graph, weight.Name, $"has the element type {weight.ElementType}; a float type is needed here."),
        };
        if (bytes.Length != count * size)
        {
            throw Bad(graph, weight.Name, $"has {bytes.Length} bytes of data where its shape needs {count * size}.");
        }

        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
        {
            var at = bytes.AsSpan(i * size);
            values[i] = weight.ElementType switch
            {
                TensorElementType.Float => BinaryPrimitives.ReadSingleLittleEndian(at),
                TensorElementType.Double => (float)BinaryPrimitives.ReadDoubleLittleEndian(at),
                TensorElementType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(at),
                _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(at) << 16),
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

    private static float[] Typed(OnnxGraph graph, TensorProto tensor, long count)
    {
        float[] values = (TensorElementType)tensor.DataType switch
        {
            TensorElementType.Float => [.. tensor.FloatData],
            TensorElementType.Double => [.. tensor.DoubleData.Select(d => (float)d)],
            TensorElementType.Float16 => [.. tensor.Int32Data.Select(i => (float)BitConverter.UInt16BitsToHalf((ushort)i))],
            TensorElementType.BFloat16 => [.. tensor.Int32Data.Select(i => BitConverter.Int32BitsToSingle(i << 16))],
            var type => throw Bad(graph, tensor.Name, $"has the element type {type}; a float type is needed here."),
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
