using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>Builds PNG files chunk by chunk (W3C PNG specification), so that tests can make what no encoder makes.</summary>
internal static class PngBuilder
{
    public const int Grey = 0;
    public const int Rgb = 2;
    public const int Palette = 3;
    public const int GreyAlpha = 4;
    public const int Rgba = 6;

    /// <param name="width">Declared width.</param>
    /// <param name="height">Declared height.</param>
    /// <param name="depth">Bits a sample.</param>
    /// <param name="colorType">Colour type.</param>
    /// <param name="rows">The samples of each row, without filter byte.</param>
    /// <param name="chunks">Chunks between header and data.</param>
    public static byte[] Build(int width, int height, int depth, int colorType, byte[][] rows, params (string Type, byte[] Data)[] chunks)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)depth;
        header[9] = (byte)colorType;
        WriteChunk(file, "IHDR", header);
        foreach (var (type, data) in chunks)
        {
            WriteChunk(file, type, data);
        }

        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var row in rows)
            {
                deflate.WriteByte(0);
                deflate.Write(row);
            }
        }

        WriteChunk(file, "IDAT", packed.ToArray());
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void WriteChunk(MemoryStream file, string type, byte[] data)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, CheckSum(body));
        file.Write(number);
    }

    private static uint CheckSum(byte[] data)
    {
        var sum = uint.MaxValue;
        foreach (var b in data)
        {
            sum ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 1) != 0 ? 0xEDB88320 ^ (sum >> 1) : sum >> 1;
            }
        }

        return ~sum;
    }
}
