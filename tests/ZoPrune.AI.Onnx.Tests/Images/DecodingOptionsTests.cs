using System.Buffers.Binary;
using SkiaSharp;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Tests.Images;

public class DecodingOptionsTests
{
    private static readonly ImageDecodingOptions s_overWhite = new() { Transparency = ImageTransparency.OverWhite };
    private static readonly ImageDecodingOptions s_oriented = new() { Orientation = ImageOrientation.Apply };

    /// <summary>What the eight EXIF orientations make of the rows abc, def.</summary>
    public static TheoryData<int, string> Orientations() => new()
    {
        { 1, "abc/def" },
        { 2, "cba/fed" },
        { 3, "fed/cba" },
        { 4, "def/abc" },
        { 5, "ad/be/cf" },
        { 6, "da/eb/fc" },
        { 7, "fc/eb/da" },
        { 8, "cf/be/ad" },
    };

    [Fact]
    public void The_defaults_are_those_of_GenAI()
    {
        Assert.Equal(ImageTransparency.Drop, ImageDecodingOptions.Default.Transparency);
        Assert.Equal(ImageOrientation.Ignore, ImageDecodingOptions.Default.Orientation);
        var name = "rgba48x72.png";
        var image = ImageDecoder.Decode(ImageFiles.Read(name), ImageLimits.Default, name, ImageDecodingOptions.Default);
        Assert.Equal(ImageFiles.Decode(name).Pixels.ToArray(), image.Pixels.ToArray());
        Assert.Throws<ArgumentNullException>(() => ImageDecoder.Decode(ImageFiles.Read(name), ImageLimits.Default, name, null!));
    }

    [Fact]
    public void Transparent_pixels_are_laid_on_white()
    {
        // 200 at 128 of 255: (200 x 128 + 255 x 127) / 255 = 227.39; 1 of 255: 254.78; the last one is opaque.
        var png = PngBuilder.Build(4, 1, 8, PngBuilder.Rgba, [[9, 9, 9, 0, 200, 0, 255, 128, 200, 0, 255, 1, 7, 8, 9, 255]]);
        Assert.Equal([255, 255, 255, 227, 127, 255, 255, 254, 255, 7, 8, 9], OverWhite(png));
    }

    [Fact]
    public void Every_alpha_of_every_value_is_rounded_to_the_nearest()
    {
        for (var alpha = 0; alpha < 256; alpha++)
        {
            var row = Enumerable.Range(0, 256).SelectMany(v => new[] { (byte)v, (byte)v, (byte)v, (byte)alpha }).ToArray();
            var expected = Enumerable.Range(0, 256)
                .Select(v => (byte)Math.Floor((((v * alpha) + (255 * (255 - alpha))) / 255.0) + 0.5));
            var actual = OverWhite(PngBuilder.Build(256, 1, 8, PngBuilder.Rgba, [row]));
            Assert.Equal(expected, actual.Where((_, i) => i % 3 == 0));
        }
    }

    [Fact]
    public void Transparency_of_palettes_and_grey_is_laid_on_white_too()
    {
        (string, byte[]) palette = ("PLTE", [0, 0, 0, 10, 20, 30, 100, 110, 120]);
        var indexed = PngBuilder.Build(3, 1, 2, PngBuilder.Palette, [[0b00_01_10_00]], palette, ("tRNS", [0, 51]));
        Assert.Equal([255, 255, 255, 206, 208, 210, 100, 110, 120], OverWhite(indexed));
        Assert.Equal([255, 255, 255, 218, 218, 218], OverWhite(PngBuilder.Build(2, 1, 8, PngBuilder.GreyAlpha, [[77, 0, 70, 51]])));
        Assert.Equal([255, 255, 255, 9, 9, 9], OverWhite(PngBuilder.Build(2, 1, 8, PngBuilder.Grey, [[8, 9]], ("tRNS", [0, 8]))));
    }

    [Fact]
    public void A_transparent_colour_of_three_channels_stays_as_Pillow_leaves_it()
    {
        byte[][] row = [[10, 20, 30, 100, 110, 120]];
        Assert.Equal(row[0], OverWhite(PngBuilder.Build(2, 1, 8, PngBuilder.Rgb, row, ("tRNS", [0, 10, 0, 20, 0, 30]))));
    }

    [Fact]
    public void Sixteen_bits_with_alpha_give_their_high_bytes_on_white()
    {
        var png = PngBuilder.Build(1, 1, 16, PngBuilder.Rgba, [[200, 99, 0, 99, 255, 99, 128, 99]]);
        Assert.Equal([227, 127, 255], OverWhite(png));
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void Pixels_are_turned_as_the_number_says(int orientation, string rows)
    {
        var stored = new RgbImage(3, 2, [.. "abcdef".SelectMany(letter => Enumerable.Repeat((byte)letter, 3))]);
        var turned = OrientedPixels.Apply(stored, (SKEncodedOrigin)orientation);
        Assert.Equal(rows, Letters(turned));
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void The_orientation_of_a_jpeg_is_applied_when_asked_for(int orientation, string rows)
    {
        var plain = ImageFiles.Read("photo90x140.jpg");
        byte[] segment = [0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. Exif(orientation)];
        var image = Decode([.. plain[..2], .. segment, .. plain[2..]], s_oriented);
        Assert.Equal(rows.IndexOf('/', StringComparison.Ordinal) == 3 ? (90, 140) : (140, 90), (image.Width, image.Height));
        var expected = OrientedPixels.Apply(ImageFiles.Decode("photo90x140.jpg"), (SKEncodedOrigin)orientation);
        Assert.Equal(expected.Pixels.ToArray(), image.Pixels.ToArray());
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void The_orientation_of_a_png_is_applied_when_asked_for(int orientation, string rows)
    {
        byte[][] pixels = [.. "abc,def".Split(',').Select(row => row.SelectMany(letter => Enumerable.Repeat((byte)letter, 3)).ToArray())];
        var png = PngBuilder.Build(3, 2, 8, PngBuilder.Rgb, pixels, ("eXIf", Exif(orientation)));
        Assert.Equal("abc/def", Letters(ImageFiles.Decode(png)));
        Assert.Equal(rows, Letters(Decode(png, s_oriented)));
    }

    [Fact]
    public void Little_endian_and_broken_exif_data_of_a_png_are_read_as_far_as_they_make_sense()
    {
        byte[] other = [0x0F, 0x01, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        byte[] little = [.. "II*\0"u8, 8, 0, 0, 0, 2, 0, .. other, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0];
        Assert.Equal(SKEncodedOrigin.BottomRight, PngOrientation.Read(WithChunk(little)));
        Assert.Equal(SKEncodedOrigin.Default, PngOrientation.Read(WithChunk(little[..20])));
        Assert.Equal(SKEncodedOrigin.Default, PngOrientation.Read(WithChunk(Exif(9))));
        Assert.Equal(SKEncodedOrigin.Default, PngOrientation.Read(WithChunk([])));
        Assert.Equal(SKEncodedOrigin.Default, PngOrientation.Read(WithChunk([.. "MM\0*"u8, 255, 255, 255, 255])));
        Assert.Equal(SKEncodedOrigin.Default, PngOrientation.Read(ImageFiles.Read("one1x1.png")));

        static byte[] WithChunk(byte[] exif) => PngBuilder.Build(1, 1, 8, PngBuilder.Grey, [[0]], ("eXIf", exif));
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void The_orientation_of_a_webp_is_applied_when_asked_for(int orientation, string rows)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(3, 2, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var i = 0; i < 6; i++)
        {
            bitmap.SetPixel(i % 3, i / 3, new SKColor((byte)('a' + i), (byte)('a' + i), (byte)('a' + i)));
        }

        using var pixmap = bitmap.PeekPixels();
        using var encoded = pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100));
        var webp = WithExif(encoded!.ToArray(), Exif(orientation));
        Assert.Equal("abc/def", Letters(ImageFiles.Decode(webp)));
        Assert.Equal(rows, Letters(Decode(webp, s_oriented)));
    }

    [Fact]
    public void Pictures_without_an_orientation_stay_as_they_are() => Assert.Equal(
        ImageFiles.Decode("odd97x83.png").Pixels.ToArray(), Decode(ImageFiles.Read("odd97x83.png"), s_oriented).Pixels.ToArray());

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2000, 1)]
    [InlineData(1, 2000)]
    public void Thin_pictures_are_decoded(int width, int height)
    {
        byte[][] rows =
        [
            .. Enumerable.Range(0, height).Select(y => Enumerable.Range(0, width * 3).Select(x => (byte)(x + (y * 5))).ToArray()),
        ];
        var png = PngBuilder.Build(width, height, 8, PngBuilder.Rgb, rows);
        Assert.Equal(rows.SelectMany(row => row), ImageFiles.Decode(png).Pixels.ToArray());
        Assert.Equal(rows.SelectMany(row => row), OverWhite(png));
    }

    /// <summary>Big-endian EXIF data with nothing but the orientation.</summary>
    private static byte[] Exif(int orientation) =>
        [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    /// <summary>Puts a simple WebP file into the extended form with an EXIF chunk (RFC 9649, section 2.7).</summary>
    private static byte[] WithExif(byte[] webp, byte[] exif)
    {
        byte[] extended = [.. "VP8X"u8, 10, 0, 0, 0, 0x08, 0, 0, 0, 2, 0, 0, 1, 0, 0];
        byte[] length = [0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(length, exif.Length);
        byte[] body = [.. "WEBP"u8, .. extended, .. webp[12..], .. "EXIF"u8, .. length, .. exif];
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. body];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), body.Length);
        return file;
    }

    private static string Letters(RgbImage image)
    {
        var letters = Enumerable.Range(0, image.Width * image.Height).Select(i => (char)image.Pixels.Span[i * 3]).Chunk(image.Width);
        return string.Join('/', letters.Select(row => new string(row)));
    }

    private static RgbImage Decode(byte[] encoded, ImageDecodingOptions options) =>
        ImageDecoder.Decode(encoded, ImageLimits.Default, "picture", options);

    private static byte[] OverWhite(byte[] encoded) => Decode(encoded, s_overWhite).Pixels.ToArray();
}
