using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SkiaSharp;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>Decodes PNG, JPEG, WebP, GIF and BMP the way ONNX Runtime GenAI decodes PNG and JPEG.</summary>
/// <remarks>
/// Unless <see cref="ImageDecodingOptions"/> say otherwise, transparency is dropped, not blended (an RGBA pixel gives its RGB), and the
/// EXIF orientation is ignored. Palette and grey become RGB; 16 bits a channel become 8 by dropping the low byte; there is no colour
/// management (ICC profiles and gamma are ignored). Of animations the first frame is taken. JPEGs with four components (CMYK, YCCK) are
/// refused, as GenAI does. GenAI itself reads PNG and JPEG only; its JPEG decoder differs from this one (libjpeg-turbo) by at most one
/// level without chroma sub-sampling and by more at colour edges with it. An image that ends early is an error, even where the part that is
/// there would make a picture.
/// </remarks>
public static class ImageDecoder
{
    /// <summary>Signature, length and name of the header, width, height and depth come before.</summary>
    private const int PngColourTypeOffset = 25;

    private const byte PngRgb = 2;

    /// <summary>Tells the format by the first bytes.</summary>
    /// <param name="encoded">The encoded image or its first 12 bytes.</param>
    public static ImageFormat Sniff(ReadOnlySpan<byte> encoded) => ImageSignature.Sniff(encoded);

    /// <summary>Decodes an image.</summary>
    /// <param name="encoded">The encoded image.</param>
    /// <param name="limits">Bounds that are checked before pixels are decoded.</param>
    /// <param name="name">What messages call the image.</param>
    /// <returns>The image, 8 bits a channel.</returns>
    /// <exception cref="ImageDecodingException">
    /// The data is of no supported format, exceeds a limit, is truncated or is corrupt.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is zero or negative.</exception>
    public static RgbImage Decode(ReadOnlyMemory<byte> encoded, ImageLimits limits, string name) =>
        Decode(encoded, limits, name, ImageDecodingOptions.Default);

    /// <summary>Decodes an image.</summary>
    /// <param name="encoded">The encoded image.</param>
    /// <param name="limits">Bounds that are checked before pixels are decoded.</param>
    /// <param name="name">What messages call the image.</param>
    /// <param name="options">What becomes of transparency and orientation.</param>
    /// <returns>The image, 8 bits a channel.</returns>
    /// <exception cref="ImageDecodingException">
    /// The data is of no supported format, exceeds a limit, is truncated or is corrupt.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is zero or negative.</exception>
    public static RgbImage Decode(ReadOnlyMemory<byte> encoded, ImageLimits limits, string name, ImageDecodingOptions options) =>
        Decode(encoded, limits, name, options, buffers: null);

    /// <summary>Decodes an image into memory that is given back.</summary>
    /// <param name="encoded">The encoded image.</param>
    /// <param name="limits">Bounds that are checked before pixels are decoded.</param>
    /// <param name="name">What messages call the image.</param>
    /// <param name="options">What becomes of transparency and orientation.</param>
    /// <param name="buffers">Where the pixels lie, which must not be read after it; <c>null</c>: in an array of their own.</param>
    internal static RgbImage Decode(
        ReadOnlyMemory<byte> encoded, ImageLimits limits, string name, ImageDecodingOptions options, PictureBuffers? buffers)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        limits.Validate();

        var format = Sniff(encoded.Span);
        CheckLength(encoded.Length, format, limits, name);
        if (format == ImageFormat.Unknown)
        {
            var description = ImageSignature.Describe(encoded.Span);
            throw new ImageDecodingException(
                name, format, $"is not a PNG, JPEG, WebP, GIF or BMP image: the data is {description}.");
        }

        if (format == ImageFormat.Jpeg && JpegMarkers.ReadComponents(encoded.Span) == 4)
        {
            throw new ImageDecodingException(name, format, "is a JPEG with four colour components (CMYK or YCCK). Convert it to RGB.");
        }

        using var pin = encoded.Pin();
        nint address;
        unsafe
        {
            address = (nint)pin.Pointer;
        }

        using var data = SKData.Create(address, encoded.Length);
        using var codec = SKCodec.Create(data)
            ?? throw new ImageDecodingException(name, format, $"starts like a {format} image, but its header is truncated or corrupt.");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        CheckSize(width, height, format, limits, name);
        if (ImageEnd.IsMissing(encoded.Span, format))
        {
            throw new ImageDecodingException(name, format, $"is truncated: the {format} data has no end.");
        }

        // Pillow leaves a PNG of three channels alone, even where it names one colour as transparent.
        var isOverWhite = options.Transparency == ImageTransparency.OverWhite && !IsRgbPng(encoded.Span, format);
        var image = DecodePixels(codec, width, height, format, name, isOverWhite, buffers);
        if (options.Orientation == ImageOrientation.Ignore)
        {
            return image;
        }

        var origin = format == ImageFormat.Png ? PngOrientation.Read(encoded.Span) : codec.EncodedOrigin;
        return OrientedPixels.Apply(image, origin, buffers);
    }

    /// <summary>Checks a picture that was decoded before against limits, as <see cref="Decode(ReadOnlyMemory{byte}, ImageLimits, string)"/>
    /// does.</summary>
    /// <param name="encoded">The encoded image.</param>
    /// <param name="width">Its width in pixels.</param>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="name">What messages call the image.</param>
    /// <exception cref="ImageDecodingException">It exceeds a limit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is zero or negative.</exception>
    public static void CheckLimits(ReadOnlySpan<byte> encoded, int width, int height, ImageLimits limits, string name)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(name);
        limits.Validate();
        CheckLength(encoded.Length, Sniff(encoded), limits, name);
        CheckSize(width, height, Sniff(encoded), limits, name);
    }

    private static void CheckLength(int length, ImageFormat format, ImageLimits limits, string name)
    {
        if (length > limits.MaxBytes)
        {
            throw new ImageDecodingException(name, format, $"has {length} bytes; the limit is {limits.MaxBytes}.");
        }
    }

    private static void CheckSize(int width, int height, ImageFormat format, ImageLimits limits, string name)
    {
        if (width < 1 || height < 1)
        {
            throw new ImageDecodingException(name, format, $"has a size of {width} x {height} pixels.");
        }

        if (width > limits.MaxSide || height > limits.MaxSide)
        {
            throw new ImageDecodingException(
                name, format, $"has {width} x {height} pixels; the limit is {limits.MaxSide} pixels a side.");
        }

        var pixels = (long)width * height;
        var most = Math.Min(limits.MaxPixels, Array.MaxLength / 4);
        if (pixels > most)
        {
            throw new ImageDecodingException(
                name, format, $"has {width} x {height} = {pixels} pixels; the limit is {most} pixels.");
        }
    }

    private static bool IsRgbPng(ReadOnlySpan<byte> encoded, ImageFormat format) =>
        format == ImageFormat.Png && encoded.Length > PngColourTypeOffset && encoded[PngColourTypeOffset] == PngRgb;

    private static unsafe RgbImage DecodePixels(
        SKCodec codec, int width, int height, ImageFormat format, string name, bool isOverWhite, PictureBuffers? buffers)
    {
        // No colour space in the target: Skia then leaves the values as they are stored. Unpremultiplied: RGB survives a zero alpha.
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        var count = width * height;
        var buffer = (byte*)NativeMemory.AllocZeroed((nuint)count, 4);
        try
        {
            var result = codec.GetPixels(info, (nint)buffer, width * 4, SKCodecOptions.Default);
            if (result != SKCodecResult.Success)
            {
                throw new ImageDecodingException(name, format, DescribeFailure(result, format));
            }

            var pixels = PictureBuffers.Take<byte>(buffers, count * 3);
            var rgba = new ReadOnlySpan<byte>(buffer, count * 4);
            if (isOverWhite)
            {
                PlaceOverWhite(rgba, pixels.Span);
            }
            else
            {
                DropAlpha(rgba, pixels.Span);
            }

            return new RgbImage(width, height, pixels);
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    private static string DescribeFailure(SKCodecResult result, ImageFormat format) => result switch
    {
        SKCodecResult.IncompleteInput => $"is truncated: the {format} data ends before its last pixel.",
        SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => $"has corrupt {format} data.",
        _ => $"could not be decoded as {format} ({result}).",
    };

    /// <summary>Pillow's <c>alpha_composite</c> over opaque white: a rounded division by 255.</summary>
    private static void PlaceOverWhite(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (var (source, target) = (0, 0); target < rgb.Length; source += 4, target += 3)
        {
            int alpha = rgba[source + 3];
            for (var channel = 0; channel < 3; channel++)
            {
                var sum = (rgba[source + channel] * alpha) + (byte.MaxValue * (byte.MaxValue - alpha)) + 0x80;
                rgb[target + channel] = (byte)(((sum >> 8) + sum) >> 8);
            }
        }
    }

    private static void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        ref var source = ref MemoryMarshal.GetReference(rgba);
        ref var target = ref MemoryMarshal.GetReference(rgb);
        var count = rgb.Length / 3;
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0xFF, 0xFF, 0xFF, 0xFF);

            // Four pixels at a time; 16 bytes are written for 12, so two pixels of room must be left.
            for (; i <= count - 6; i += 4)
            {
                Vector128.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)i * 4), order).StoreUnsafe(ref target, (nuint)i * 3);
            }
        }

        for (; i < count; i++)
        {
            Unsafe.Add(ref target, i * 3) = Unsafe.Add(ref source, i * 4);
            Unsafe.Add(ref target, (i * 3) + 1) = Unsafe.Add(ref source, (i * 4) + 1);
            Unsafe.Add(ref target, (i * 3) + 2) = Unsafe.Add(ref source, (i * 4) + 2);
        }
    }
}
