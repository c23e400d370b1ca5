using ZoPrune.AI.Onnx.Images.Resampling;

namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Phi-3 vision: the picture fitted into at most 16 crops of 336 x 336 pixels, with a global view in front.</summary>
/// <remarks>
/// Output 0: float32 [17, 3, 336, 336], the global view, the crops row by row, zeros; output 1: int64 [2], padded height and width;
/// output 2: int64 [1], the number of visual tokens. All attributes are ignored, <c>num_crops</c> too, as in ONNX Runtime GenAI.
/// </remarks>
internal sealed class Phi3ImageTransform(OperationIdentity identity) : ImageOperation(identity)
{
    public const string TypeName = "Phi3ImageTransform";

    private const int Channels = 3;
    private const int Side = 336;
    private const int MostCrops = 16;
    private const int TokensPerCrop = 144;
    private const int TokenRowsPerCrop = 12;
    private const byte White = 255;

    private static ReadOnlySpan<float> Mean => [0.48145466f, 0.4578275f, 0.40821073f];

    private static ReadOnlySpan<float> Deviation => [0.26862954f, 0.26130258f, 0.27577711f];

    public override int OutputCount => 3;

    public override (int Width, int Height)? SizeAfter((int Width, int Height)? before) => null;

    /// <summary>The size of the picture before it is padded.</summary>
    /// <returns>A side is 0 for extreme pictures.</returns>
    public static (int Width, int Height) SizeOf(int width, int height)
    {
        var ratio = width >= height ? (double)width / height : (double)height / width;
        var scale = 1;
        while (scale * Math.Ceiling(scale / ratio) <= MostCrops)
        {
            scale++;
        }

        var longSide = (scale - 1) * Side;
        var shortSide = (int)(longSide / ratio);
        return width >= height ? (longSide, shortSide) : (shortSide, longSide);
    }

    public override IReadOnlyList<ImageTensor> Apply(IReadOnlyList<ImageTensor> inputs, PictureBuffers? buffers)
    {
        var input = inputs[0];
        if (input.ElementType != ImageTensorType.UInt8 || input.Shape.Length != 3 || input.Shape[2] != Channels)
        {
            throw Identity.Fault($"takes UInt8 [height, width, {Channels}], but gets {input}.");
        }

        var (width, height) = (input.Shape[1], input.Shape[0]);
        var (newWidth, newHeight) = SizeOf(width, height);
        if (newWidth < 1 || newHeight < 1)
        {
            throw new NotSupportedException(
                $"{Identity} cannot process {width} x {height} pixels: scaled to {Math.Max(newWidth, newHeight)} pixels on the long side, "
                + "nothing is left of the short one.");
        }

        var resized = ByteResampler.Resize(
            input.Bytes, width, height, newWidth, newHeight, ResampleFilter.Linear, columnsFirst: false, buffers);
        var (columns, rows) = ((newWidth + Side - 1) / Side, (newHeight + Side - 1) / Side);
        var (paddedWidth, paddedHeight) = (columns * Side, rows * Side);
        var planes = NormalizePadded(resized.Span, newWidth, newHeight, paddedWidth, paddedHeight, buffers);
        var values = PictureBuffers.TakeCleared<float>(buffers, (MostCrops + 1) * Channels * Side * Side);
        GlobalView.Write(planes, paddedWidth, paddedHeight, Side, values.Span, buffers);
        PixelTiles.Cut(planes.Span, paddedWidth, paddedHeight, Side, values.Span[(Channels * Side * Side)..]);

        long tokens = (((columns * rows) + 1) * TokensPerCrop) + 1 + ((rows + 1) * TokenRowsPerCrop);
        return
        [
            new ImageTensor(values, MostCrops + 1, Channels, Side, Side),
            new ImageTensor(new long[] { paddedHeight, paddedWidth }, 2),
            new ImageTensor(new[] { tokens }, 1),
        ];
    }

    private static Memory<float> NormalizePadded(
        ReadOnlySpan<byte> pixels, int width, int height, int paddedWidth, int paddedHeight, PictureBuffers? buffers)
    {
        var (left, top) = ((paddedWidth - width) / 2, (paddedHeight - height) / 2);
        var planes = PictureBuffers.Take<float>(buffers, Channels * paddedWidth * paddedHeight);
        for (var channel = 0; channel < Channels; channel++)
        {
            var plane = planes.Span.Slice(channel * paddedWidth * paddedHeight, paddedWidth * paddedHeight);
            plane.Fill(Normalize(White, channel));
            for (var y = 0; y < height; y++)
            {
                var row = plane.Slice(((y + top) * paddedWidth) + left, width);
                var source = pixels.Slice(y * width * Channels, width * Channels);
                for (var x = 0; x < width; x++)
                {
                    row[x] = Normalize(source[(x * Channels) + channel], channel);
                }
            }
        }

        return planes;
    }

    private static float Normalize(byte value, int channel) => ((value / 255f) - Mean[channel]) / Deviation[channel];
}
