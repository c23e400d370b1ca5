using System.Text;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Tests.Images;

public class HostileImageTests
{
    public static TheoryData<string> Names() => [.. ImageFiles.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Truncated_files_are_errors(string name)
    {
        var whole = ImageFiles.Read(name);
        for (var length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 97))
        {
            AssertRefused(whole[..length], name);
        }

        AssertRefused(whole[..^1], name);
    }

    [Fact]
    public void Truncated_progressive_jpegs_are_errors()
    {
        // All rows of a progressive JPEG exist, blurred, after its first scan: that must not pass for a picture.
        var whole = EncodedSamples.ProgressiveJpeg;
        for (var length = 0; length < whole.Length; length += 7)
        {
            AssertRefused(whole[..length], "progressive");
        }
    }

    [Fact]
    public void Truncated_bitmaps_and_gifs_are_errors()
    {
        AssertRefused(EncodedSamples.Bitmap()[..^9], "bmp");
        AssertRefused(EncodedSamples.Bitmap()[..40], "bmp");
        AssertRefused(EncodedSamples.Gif[..^5], "gif");
        AssertRefused(EncodedSamples.Gif[..12], "gif");
    }

    [Fact]
    public void Sides_are_limited_before_pixels_are_decoded()
    {
        var bomb = PngBuilder.Build(100_000, 100_000, 8, PngBuilder.Rgb, [new byte[16]]);
        var exception = AssertRefused(bomb, "bomb.png");
        Assert.Equal("The image 'bomb.png' has 100000 x 100000 pixels; the limit is 16384 pixels a side.", exception.Message);
        Assert.Equal(ImageFormat.Png, exception.Format);
    }

    [Fact]
    public void Pixels_are_limited_before_pixels_are_decoded()
    {
        var bomb = PngBuilder.Build(16_000, 16_000, 8, PngBuilder.Rgb, [new byte[16]]);
        Assert.Equal(
            "The image 'bomb.png' has 16000 x 16000 = 256000000 pixels; the limit is 100000000 pixels.",
            AssertRefused(bomb, "bomb.png").Message);
    }

    [Fact]
    public void Generous_limits_do_not_overflow()
    {
        var limits = new ImageLimits { MaxSide = int.MaxValue, MaxPixels = long.MaxValue };
        var bomb = PngBuilder.Build(100_000, 100_000, 8, PngBuilder.Rgb, [new byte[16]]);
        var exception = Assert.Throws<ImageDecodingException>(() => ImageDecoder.Decode(bomb, limits, "bomb.png"));
        Assert.Contains("100000 x 100000 = 10000000000 pixels", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_encoded_length_is_limited()
    {
        var png = ImageFiles.Read("square56.png");
        var limits = new ImageLimits { MaxBytes = png.Length - 1 };
        var exception = Assert.Throws<ImageDecodingException>(() => ImageDecoder.Decode(png, limits, "square"));
        Assert.Equal($"The image 'square' has {png.Length} bytes; the limit is {png.Length - 1}.", exception.Message);
        Assert.Equal(56, ImageDecoder.Decode(png, limits with { MaxBytes = png.Length }, "square").Width);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "an SVG document")]
    [InlineData("\uFEFF<?xml version=\"1.0\"?>\n<!-- ä -->\n<svg/>", "an SVG document")]
    [InlineData("<?xml version=\"1.0\"?><a/>", "an XML document")]
    [InlineData("\n <!DOCTYPE HTML><title>404</title>", "an HTML page")]
    [InlineData("<html><body>Not found</body></html>", "an HTML page")]
    [InlineData("%PDF-1.7\n", "a PDF document")]
    [InlineData("Access denied", "text")]
    [InlineData("PK\u0003\u0004....", "a ZIP archive")]
    [InlineData("II*\0....", "a TIFF image")]
    [InlineData("\0\0\0\u0018ftypheic....", "an HEIC, AVIF or video file")]
    [InlineData("\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008", "data of no known format, starting with the bytes 0001020304050607")]
    public void The_error_says_what_the_bytes_look_like(string content, string description)
    {
        var exception = AssertRefused(Encoding.UTF8.GetBytes(content), "upload.png");
        Assert.Equal(
            $"The image 'upload.png' is not a PNG, JPEG, WebP, GIF or BMP image: the data is {description}.", exception.Message);
        Assert.Equal(ImageFormat.Unknown, exception.Format);
    }

    [Theory]
    [InlineData("one1x1.png")]
    [InlineData("tiny5x3.png")]
    [InlineData("palette40x60.png")]
    [InlineData("gray66x44.png")]
    [InlineData("rgba48x72.png")]
    [InlineData("photo90x140.jpg")]
    [InlineData("photo160x120.jpg")]
    public void Corrupted_files_are_decoded_or_refused_but_nothing_else_happens(string name)
    {
        var random = new Random(20250127);
        for (var round = 0; round < 400; round++)
        {
            var bytes = ImageFiles.Read(name);
            for (var change = random.Next(1, 20); change > 0; change--)
            {
                // Half of the changes hit the header, where the structure is.
                var position = random.Next(2) == 0 ? random.Next(Math.Min(64, bytes.Length)) : random.Next(bytes.Length);
                bytes[position] = (byte)random.Next(256);
            }

            AssertDecodedOrRefused(bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)]);
        }
    }

    [Fact]
    public void Random_bytes_behind_each_signature_are_decoded_or_refused()
    {
        byte[][] signatures =
        [
            [], [0x89, .. "PNG\r\n\u001A\n"u8], [0xFF, 0xD8, 0xFF], [.. "GIF89a"u8], [.. "BM"u8], [.. "RIFF\u0040\0\0\0WEBPVP8 "u8],
            [.. "RIFF\u0040\0\0\0WEBPVP8L"u8], [.. "RIFF\u0040\0\0\0WEBPVP8X"u8],
        ];
        var random = new Random(7);
        foreach (var signature in signatures)
        {
            for (var round = 0; round < 300; round++)
            {
                var noise = new byte[random.Next(300)];
                random.NextBytes(noise);
                AssertDecodedOrRefused([.. signature, .. noise]);
            }
        }
    }

    private static ImageDecodingException AssertRefused(byte[] encoded, string name)
    {
        var exception = Assert.Throws<ImageDecodingException>(() => ImageDecoder.Decode(encoded, ImageLimits.Default, name));
        Assert.Equal(name, exception.ImageName);
        Assert.Contains($"'{name}'", exception.Message, StringComparison.Ordinal);
        return exception;
    }

    private static void AssertDecodedOrRefused(byte[] encoded)
    {
        try
        {
            // A corrupted header may claim a large picture; the test needs no more than this.
            var image = ImageDecoder.Decode(encoded, new ImageLimits { MaxSide = 2048 }, "noise");
            Assert.Equal(image.Width * image.Height * 3, image.Pixels.Length);
        }
        catch (ImageDecodingException exception)
        {
            Assert.Equal("noise", exception.ImageName);
        }
    }
}
