using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ZoPrune.AI.Testing;

/// <summary>Reads NumPy <c>.npy</c> files (version 1 and 2, little-endian, C order) of the reference vectors.</summary>
internal sealed partial record NpyFile(int[] Shape, string Type, byte[] Data)
{
    public static NpyFile Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var (start, length) = bytes[6] == 1
            ? (10, (int)BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)))
            : (12, (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)));
        var header = Encoding.ASCII.GetString(bytes, start, length);
        if (header.Contains("'fortran_order': True", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path} is in Fortran order.");
        }

        var type = TypePattern().Match(header).Groups[1].Value;
        var shape = ShapePattern().Match(header).Groups[1].Value
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(d => int.Parse(d, CultureInfo.InvariantCulture))
            .ToArray();
        return new NpyFile(shape, type, bytes[(start + length)..]);
    }

    public float[] ToSingles() => Type switch
    {
        "<f4" => Enumerable.Range(0, Data.Length / 4).Select(i => BitConverter.ToSingle(Data, i * 4)).ToArray(),
        "<f8" => ToDoubles().Select(d => (float)d).ToArray(),
        _ => throw new InvalidDataException($"Type {Type} is not a float."),
    };

    public double[] ToDoubles() => Type switch
    {
        "<f8" => Enumerable.Range(0, Data.Length / 8).Select(i => BitConverter.ToDouble(Data, i * 8)).ToArray(),
        "<f4" => ToSingles().Select(f => (double)f).ToArray(),
        _ => throw new InvalidDataException($"Type {Type} is not a float."),
    };

    public long[] ToInt64s() => Type switch
    {
        "<i8" => Enumerable.Range(0, Data.Length / 8).Select(i => BitConverter.ToInt64(Data, i * 8)).ToArray(),
        "<i4" => Enumerable.Range(0, Data.Length / 4).Select(i => (long)BitConverter.ToInt32(Data, i * 4)).ToArray(),
        _ => throw new InvalidDataException($"Type {Type} is not an integer."),
    };

    [GeneratedRegex("'descr': '([^']+)'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'shape': \(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
