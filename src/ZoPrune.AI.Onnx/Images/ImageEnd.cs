using System.Buffers.Binary;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>Whether encoded data reaches its own end: decoders make pictures of less.</summary>
internal static class ImageEnd
{
    public static bool IsMissing(ReadOnlySpan<byte> encoded, ImageFormat format) => format switch
    {
        ImageFormat.Png => !HasPngEnd(encoded),
        ImageFormat.Jpeg => !JpegMarkers.HasEnd(encoded),
        ImageFormat.WebP => BinaryPrimitives.ReadUInt32LittleEndian(encoded[4..]) + 8L > encoded.Length,

        // The decoder tells.
        _ => false,
    };

    private static bool HasPngEnd(ReadOnlySpan<byte> png)
    {
        const int around = 12;
        long position = 8;
        while (position + around <= png.Length)
        {
            var chunk = png[(int)position..];
            if (chunk[4..].StartsWith("IEND"u8))
            {
                return true;
            }

            position += around + (long)BinaryPrimitives.ReadUInt32BigEndian(chunk);
        }

        return false;
    }
}
