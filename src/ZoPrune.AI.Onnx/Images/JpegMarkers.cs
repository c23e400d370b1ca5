using System.Buffers.Binary;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>The marker structure of a JPEG (ITU-T T.81, annex B), as far as the decoder leaves it to us.</summary>
internal static class JpegMarkers
{
    private const byte StartOfScan = 0xDA;
    private const byte EndOfImage = 0xD9;

    /// <summary>The number of colour components that the first frame header declares; null where there is none to be found.</summary>
    public static int? ReadComponents(ReadOnlySpan<byte> jpeg)
    {
        var position = 2;
        while (TryNext(jpeg, ref position, out var marker, out var segment) && marker is not (StartOfScan or EndOfImage))
        {
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return segment.Length > 7 ? segment[7] : null;
            }
        }

        return null;
    }

    /// <summary>
    /// Whether the image is closed. libjpeg makes a blurred picture of the scans of a progressive image that are there, without complaint.
    /// </summary>
    public static bool HasEnd(ReadOnlySpan<byte> jpeg)
    {
        var position = 2;
        while (TryNext(jpeg, ref position, out var marker, out _))
        {
            if (marker == EndOfImage)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds the next marker, over compressed data and fill bytes, and steps over it with its segment.</summary>
    private static bool TryNext(ReadOnlySpan<byte> jpeg, ref int position, out byte marker, out ReadOnlySpan<byte> segment)
    {
        marker = 0;
        segment = default;
        while (position + 2 <= jpeg.Length)
        {
            var start = jpeg[position..].IndexOf((byte)0xFF);
            if (start < 0 || position + start + 2 > jpeg.Length)
            {
                return false;
            }

            position += start + 1;
            marker = jpeg[position];
            if (marker is 0xFF)
            {
                continue;
            }

            position++;
            if (marker is 0x00 or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                // A stuffed byte, a restart: no segment follows.
                continue;
            }

            if (marker == EndOfImage)
            {
                return true;
            }

            if (position + 2 > jpeg.Length)
            {
                return false;
            }

            var length = Math.Max((int)BinaryPrimitives.ReadUInt16BigEndian(jpeg[position..]), 2);
            segment = jpeg.Slice(position, Math.Min(length, jpeg.Length - position));
            position += length;
            return true;
        }

        return false;
    }
}
