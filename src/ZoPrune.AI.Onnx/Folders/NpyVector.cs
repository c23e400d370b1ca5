using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ZoPrune.AI.Onnx.Folders;

/// <summary>Reads one float32 vector from a NumPy file: no well-kept library reads only that, and the format is a line of text.</summary>
internal static partial class NpyVector
{
    private const int MaxBytes = 1 << 20;

    /// <summary>The values.</summary>
    /// <exception cref="ModelFolderException">The file is no NumPy file of float32 in C order, or larger than a vector of embeddings can
    /// be.</exception>
    public static float[] Read(string file)
    {
        if (FileLength.Of(file) > MaxBytes)
        {
            throw new ModelFolderException(file, $"is larger than {MaxBytes} bytes; it should hold one vector.");
        }

        var bytes = File.ReadAllBytes(file);
        if (bytes.Length < 12 || bytes[0] != 0x93 || !bytes.AsSpan(1).StartsWith("NUMPY"u8))
        {
            throw new ModelFolderException(file, "is no NumPy file.");
        }

        var isFirstVersion = bytes[6] == 1;
        var start = isFirstVersion ? 10 : 12;
        var header = isFirstVersion ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)) : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        if (header < 0 || header > bytes.Length - start)
        {
            throw new ModelFolderException(file, "has a header that is longer than the file.");
        }

        var text = Encoding.ASCII.GetString(bytes, start, header);
        var data = bytes.AsSpan(start + header);
        var length = ShapePattern().Match(text) is { Success: true } shape ? long.Parse(shape.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : -1;
        if (length * 4 != data.Length || !text.Contains("'<f4'", StringComparison.Ordinal) || text.Contains("'fortran_order': True", StringComparison.Ordinal) || data.Length % 4 != 0)
        {
            throw new ModelFolderException(file, $"should hold one vector of float32; its header is {text.Trim()}");
        }

        var values = new float[data.Length / 4];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(data[(4 * i)..]);
        }

        return values;
    }

    [GeneratedRegex(@"'shape': \((\d{1,9}),\)", RegexOptions.CultureInvariant)]
    private static partial Regex ShapePattern();
}
