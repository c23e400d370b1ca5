using System.Buffers.Binary;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>The little that is read from a JPEG's frame header (ITU-T T.81, annex B.2.2) ourselves.</summary>
internal static class JpegHeader
{
    /// <summary>The number of colour components that the first frame header declares; null where there is none to be found.</summary>
    public static int? ReadComponents(ReadOnlySpan<byte> jpeg)
    {
        var position = 2;
        while (position + 4 <= jpeg.Length)
        {
            if (jpeg[position] != 0xFF)
            {
                position++;
                continue;
            }

            var marker = jpeg[position + 1];
            if (marker is 0xFF or 0x00 or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                // Fill bytes and markers without a segment.
                position += marker == 0xFF ? 1 : 2;
                continue;
            }

            if (marker is 0xD9 or 0xDA)
            {
                return null;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(jpeg[(position + 2)..]);
            var isFrame = marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            if (isFrame)
            {
                return position + 9 < jpeg.Length ? jpeg[position + 9] : null;
            }

            position += 2 + Math.Max((int)length, 2);
        }

        return null;
    }
}
