using System.Text;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>Tells formats by their first bytes, and says what data looks like that is no supported image.</summary>
internal static class ImageSignature
{
    private static ReadOnlySpan<byte> Png => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static ImageFormat Sniff(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Png))
        {
            return ImageFormat.Png;
        }

        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return ImageFormat.Jpeg;
        }

        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8))
        {
            return ImageFormat.Gif;
        }

        if (bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8))
        {
            return ImageFormat.WebP;
        }

        return bytes.StartsWith("BM"u8) ? ImageFormat.Bmp : ImageFormat.Unknown;
    }

    /// <summary>A noun phrase for data of no supported format.</summary>
    public static string Describe(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return "empty";
        }

        var media = DescribeBinary(bytes);
        if (media is not null)
        {
            return media;
        }

        var text = ReadText(bytes);
        if (text is null)
        {
            return $"data of no known format, starting with the bytes {Convert.ToHexString(bytes[..Math.Min(8, bytes.Length)])}";
        }

        if (text.Contains("<svg", StringComparison.OrdinalIgnoreCase))
        {
            return "an SVG document";
        }

        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.Contains("<html", StringComparison.OrdinalIgnoreCase))
        {
            return "an HTML page";
        }

        return text.StartsWith('<') ? "an XML document" : "text";
    }

    private static string? DescribeBinary(ReadOnlySpan<byte> bytes) => bytes switch
    {
        _ when bytes.StartsWith("%PDF"u8) => "a PDF document",
        _ when bytes.StartsWith("PK\x03\x04"u8) => "a ZIP archive",
        _ when bytes.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) => "gzip data",
        _ when bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8) => "a TIFF image",
        _ when bytes.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0]) => "a Windows icon",
        _ when bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || bytes.StartsWith("\0\0\0\x0CJXL "u8) => "a JPEG XL image",
        _ when bytes.StartsWith("\0\0\0\x0CjP  "u8) => "a JPEG 2000 image",
        _ when bytes.Length >= 12 && bytes[4..].StartsWith("ftyp"u8) => "an HEIC, AVIF or video file",
        _ => null,
    };

    private static string? ReadText(ReadOnlySpan<byte> bytes)
    {
        var head = bytes[..Math.Min(1024, bytes.Length)];
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            head = head[3..];
        }

        // Bytes from 0x80 on are text only as UTF-8; without markup that is not worth telling apart.
        var most = head.Contains((byte)'<') ? 0xFF : 0x7E;
        foreach (var b in head)
        {
            if (b > most || b is < 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f'))
            {
                return null;
            }
        }

        return Encoding.UTF8.GetString(head).TrimStart();
    }
}
