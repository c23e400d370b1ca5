using SkiaSharp;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Tests.Images;

public class ImageDecoderTests
{
    private static readonly byte[] Gamma1 = [0, 0x01, 0x86, 0xA0];

    [Theory]
    [InlineData("one1x1.png", 1, 1, ImageFormat.Png)]
    [InlineData("palette40x60.png", 40, 60, ImageFormat.Png)]
    [InlineData("gray66x44.png", 66, 44, ImageFormat.Png)]
    [InlineData("rgba48x72.png", 48, 72, ImageFormat.Png)]
    [InlineData("photo160x120.jpg", 160, 120, ImageFormat.Jpeg)]
    public void Size_and_format_are_read(string name, int width, int height, ImageFormat format)
    {
        var image = ImageFiles.Decode(name);
        Assert.Equal((width, height, width * height * 3), (image.Width, image.Height, image.Pixels.Length));
        Assert.Equal(format, ImageDecoder.Sniff(ImageFiles.Read(name)));
    }

    [Fact]
    public void Alpha_is_dropped_and_not_blended()
    {
        var png = PngBuilder.Build(4, 1, 8, PngBuilder.Rgba, [[200, 100, 50, 0, 200, 100, 50, 1, 7, 8, 9, 128, 255, 254, 253, 255]]);
        Assert.Equal([200, 100, 50, 200, 100, 50, 7, 8, 9, 255, 254, 253], Pixels(png));
    }

    [Fact]
    public void A_transparent_colour_keeps_its_value()
    {
        byte[][] row = [[10, 20, 30, 100, 110, 120]];
        Assert.Equal(row[0], Pixels(PngBuilder.Build(2, 1, 8, PngBuilder.Rgb, row, ("tRNS", [0, 10, 0, 20, 0, 30]))));
    }

    [Fact]
    public void Palettes_are_expanded_and_their_transparency_is_dropped()
    {
        (string, byte[]) palette = ("PLTE", [1, 2, 3, 10, 20, 30, 100, 110, 120, 250, 251, 252]);
        var png = PngBuilder.Build(4, 1, 2, PngBuilder.Palette, [[0b00_01_10_11]], palette, ("tRNS", [0, 128]));
        Assert.Equal([1, 2, 3, 10, 20, 30, 100, 110, 120, 250, 251, 252], Pixels(png));
    }

    [Fact]
    public void Grey_is_expanded()
    {
        Assert.Equal([7, 7, 7, 177, 177, 177], Pixels(PngBuilder.Build(2, 1, 8, PngBuilder.Grey, [[7, 177]])));
        Assert.Equal([77, 77, 77, 88, 88, 88], Pixels(PngBuilder.Build(2, 1, 8, PngBuilder.GreyAlpha, [[77, 0, 88, 200]])));
        Assert.Equal(
            [0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255], Pixels(PngBuilder.Build(4, 1, 1, PngBuilder.Grey, [[0b0101_0000]])));
        Assert.Equal([0, 0, 0, 0x55, 0x55, 0x55, 0xAA, 0xAA, 0xAA], Pixels(PngBuilder.Build(3, 1, 2, PngBuilder.Grey, [[0b00_01_10_00]])));
    }

    [Theory]
    [InlineData(PngBuilder.Grey, 3)]
    [InlineData(PngBuilder.Rgb, 1)]
    public void Of_sixteen_bits_the_low_byte_is_dropped(int colorType, int copies)
    {
        // A decoder that rounds to 8 bits would turn most of these up.
        byte[] high = [0, 1, 30, 127, 128, 129, 200, 254, 255];
        var row = high.SelectMany(value => new byte[] { value, 0xFF }).ToArray();
        var width = high.Length * copies / 3;
        Assert.Equal(
            high.SelectMany(value => Enumerable.Repeat(value, copies)), Pixels(PngBuilder.Build(width, 1, 16, colorType, [row])));
    }

    [Fact]
    public void Gamma_is_ignored()
    {
        byte[][] row = [[10, 20, 30, 100, 110, 120, 200, 210, 220]];
        Assert.Equal(row[0], Pixels(PngBuilder.Build(3, 1, 8, PngBuilder.Rgb, row, ("gAMA", Gamma1))));
    }

    [Fact]
    public void Colour_profiles_are_ignored()
    {
        byte[] values = [10, 20, 30, 255, 100, 110, 120, 255, 200, 50, 220, 255];
        using var space = SKColorSpace.CreateRgb(SKColorSpaceTransferFn.Linear, SKColorSpaceXyz.DisplayP3);
        var info = new SKImageInfo(3, 1, SKColorType.Rgba8888, SKAlphaType.Opaque, space);
        using var image = SKImage.FromPixelCopy(info, values);
        using var encoded = image.Encode(SKEncodedImageFormat.Png, 100);
        var png = encoded.ToArray();
        Assert.True(png.AsSpan().IndexOf("iCCP"u8) > 0, "The test needs a PNG with a profile.");
        Assert.Equal([10, 20, 30, 100, 110, 120, 200, 50, 220], Pixels(png));
    }

    [Fact]
    public void The_orientation_of_a_jpeg_is_ignored()
    {
        var plain = ImageFiles.Read("photo90x140.jpg");
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
        ];
        byte[] turned = [.. plain[..2], .. exif, .. plain[2..]];
        using (var codec = SKCodec.Create(new MemoryStream(turned)))
        {
            Assert.Equal(SKEncodedOrigin.RightTop, codec.EncodedOrigin);
        }

        var image = ImageFiles.Decode(turned);
        Assert.Equal((90, 140), (image.Width, image.Height));
        Assert.Equal(ImageFiles.Decode("photo90x140.jpg").Pixels.ToArray(), image.Pixels.ToArray());
    }

    [Fact]
    public void Grey_and_progressive_jpegs_are_decoded()
    {
        var grey = ImageFiles.Decode(EncodedSamples.GreyJpeg);
        Assert.Equal((24, 16), (grey.Width, grey.Height));
        Assert.All(Enumerable.Range(0, 24 * 16), i => Assert.Equal(grey.Pixels.Span[i * 3], grey.Pixels.Span[(i * 3) + 2]));
        Assert.Equal([0x02, 0x06, 0x0A, 0x0C], Enumerable.Range(0, 4).Select(i => grey.Pixels.Span[i * 3]));

        var progressive = ImageFiles.Decode(EncodedSamples.ProgressiveJpeg);
        Assert.Equal((24, 16), (progressive.Width, progressive.Height));
        Assert.Equal([4, 0, 0, 9, 0, 0], progressive.Pixels[..6].ToArray());
    }

    [Fact]
    public void Jpegs_with_four_components_are_refused()
    {
        byte[] jpeg =
        [
            0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xC0, 0, 20, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0,
        ];
        var exception = Assert.Throws<ImageDecodingException>(() => ImageFiles.Decode(jpeg));
        Assert.Contains("CMYK", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Webp, ImageFormat.WebP)]
    [InlineData(SKEncodedImageFormat.Png, ImageFormat.Png)]
    public void Lossless_round_trips_are_exact(SKEncodedImageFormat encoding, ImageFormat format)
    {
        var original = ImageFiles.Decode("odd97x83.png");
        using var bitmap = new SKBitmap(new SKImageInfo(97, 83, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var i = 0; i < 97 * 83; i++)
        {
            var pixel = original.Pixels.Span.Slice(i * 3, 3);
            bitmap.SetPixel(i % 97, i / 97, new SKColor(pixel[0], pixel[1], pixel[2]));
        }

        using var pixmap = bitmap.PeekPixels();
        using var encoded = encoding == SKEncodedImageFormat.Webp
            ? pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100))
            : pixmap.Encode(encoding, 100);
        Assert.NotNull(encoded);
        Assert.Equal(format, ImageDecoder.Sniff(encoded.Span));
        Assert.Equal(original.Pixels.ToArray(), Pixels(encoded.ToArray()));
    }

    [Fact]
    public void Bitmaps_are_decoded()
    {
        var image = ImageFiles.Decode(EncodedSamples.Bitmap());
        Assert.Equal((2, 2), (image.Width, image.Height));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], image.Pixels.ToArray());
    }

    [Fact]
    public void The_first_frame_of_a_gif_is_decoded()
    {
        var image = ImageFiles.Decode(EncodedSamples.Gif);
        Assert.Equal((1, 1), (image.Width, image.Height));
        Assert.Equal([255, 0, 16], image.Pixels.ToArray());
    }

    [Fact]
    public void Widths_around_the_vector_length_are_exact()
    {
        for (var width = 1; width < 40; width++)
        {
            var row = Enumerable.Range(1, width * 3).Select(i => (byte)(i * 7)).ToArray();
            Assert.Equal(row, Pixels(PngBuilder.Build(width, 1, 8, PngBuilder.Rgb, [row])));
        }
    }

    [Fact]
    public void Limits_must_be_positive()
    {
        var png = ImageFiles.Read("one1x1.png");
        ImageLimits[] limits = [new() { MaxBytes = 0 }, new() { MaxSide = -1 }, new() { MaxPixels = 0 }];
        Assert.All(limits, limit => Assert.Throws<ArgumentOutOfRangeException>(() => ImageDecoder.Decode(png, limit, "p")));
    }

    private static byte[] Pixels(byte[] encoded) => ImageFiles.Decode(encoded).Pixels.ToArray();
}
