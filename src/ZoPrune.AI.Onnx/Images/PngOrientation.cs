using System.Buffers.Binary;
using SkiaSharp;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>The orientation in a PNG's <c>eXIf</c> chunk, which Skia does not read.</summary>
internal static class PngOrientation
{
    private const int SignatureLength = 8;
    private const int AroundChunk = 12;
    private const int EntryLength = 12;
    private const ushort OrientationTag = 0x0112;

    /// <summary>The orientation; <see cref="SKEncodedOrigin.Default"/> where there is none or none that makes sense.</summary>
    public static SKEncodedOrigin Read(ReadOnlySpan<byte> png)
    {
        long position = SignatureLength;
        while (position + AroundChunk <= png.Length)
        {
            var chunk = png[(int)position..];
            var length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (chunk[4..].StartsWith("eXIf"u8))
            {
                return length <= chunk.Length - AroundChunk ? ReadTiff(chunk.Slice(8, (int)length)) : SKEncodedOrigin.Default;
            }

            position += AroundChunk + (long)length;
        }

        return SKEncodedOrigin.Default;
    }

    private static SKEncodedOrigin ReadTiff(ReadOnlySpan<byte> tiff)
    {
        var isLittle = tiff.StartsWith("II*\0"u8);
        if (tiff.Length < 8 || (!isLittle && !tiff.StartsWith("MM\0*"u8)))
        {
            return SKEncodedOrigin.Default;
        }

        long directory = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory + 2 > tiff.Length)
        {
            return SKEncodedOrigin.Default;
        }

        var entries = tiff[((int)directory + 2)..];
        for (var count = Read16(tiff[(int)directory..], isLittle); count > 0 && entries.Length >= EntryLength; count--)
        {
            if (Read16(entries, isLittle) == OrientationTag)
            {
                var value = Read16(entries[8..], isLittle);
                return value is >= 1 and <= 8 ? (SKEncodedOrigin)value : SKEncodedOrigin.Default;
            }

            entries = entries[EntryLength..];
        }

        return SKEncodedOrigin.Default;
    }

    private static ushort Read16(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
