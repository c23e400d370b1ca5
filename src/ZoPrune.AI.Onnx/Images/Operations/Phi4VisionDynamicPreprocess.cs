using ZoPrune.AI.Onnx.Images.Resampling;

namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Phi-4 multimodal: the picture fitted into a grid of tiles, padded with white at the right or at the bottom.</summary>
/// <remarks>
/// Output 0: UInt8 [height, width, 3], both sides multiples of the base resolution; output 1: int64 [rows, columns], the mask of the
/// encoder's patches (14 x 14 pixels): 1 where there is picture, 0 where there is only padding.
/// </remarks>
internal sealed class Phi4VisionDynamicPreprocess : ImageOperation
{
    public const string TypeName = "Phi4VisionDynamicPreprocess";

    /// <summary>Side of a patch of the vision encoder, in pixels.</summary>
    public const int Patch = 14;

    private const int Channels = 3;
    private const int LeastSide = 10;
    private const int MaxSide = 1 << 14;

    private readonly int _side;
    private readonly int _mostTiles;

    public Phi4VisionDynamicPreprocess(OperationIdentity identity, OperationAttributes attributes)
        : base(identity)
    {
        _mostTiles = (int)attributes.Integer("dynamic_hd", 36, 1, 1024);
        _side = (int)attributes.Integer("dyhd_base_resolution", 448, Patch, MaxSide);
    }

    public override int OutputCount => 2;

    public override (int Width, int Height)? SizeAfter((int Width, int Height)? before) => null;

    public override IReadOnlyList<ImageTensor> Apply(IReadOnlyList<ImageTensor> inputs, PictureBuffers? buffers)
    {
        var input = inputs[0];
        if (input.ElementType != ImageTensorType.UInt8 || input.Shape.Length != 3 || input.Shape[2] != Channels)
        {
            throw Identity.Fault($"takes UInt8 [height, width, {Channels}], but gets {input}.");
        }

        var (width, height) = (input.Shape[1], input.Shape[0]);
        var (columns, rows) = GridOf(width, height);
        var (targetWidth, targetHeight) = (columns * _side, rows * _side);

        // Single precision throughout: the original computes so, and the last bit decides about a pixel.
        var ratioX = (float)targetWidth / width;
        var ratioY = (float)targetHeight / height;
        var (newWidth, newHeight) = ratioX < ratioY
            ? (targetWidth, (int)(height * ratioX))
            : ((int)(width * ratioY), targetHeight);
        if (newWidth < LeastSide || newHeight < LeastSide)
        {
            throw new NotSupportedException(
                $"{Identity} cannot process {width} x {height} pixels: the aspect ratio is too extreme, only {newWidth} x {newHeight} of "
                + $"{targetWidth} x {targetHeight} pixels would be covered and {LeastSide} are needed.");
        }

        if ((long)targetWidth * Math.Max(targetHeight, height) > Array.MaxLength / Channels)
        {
            throw new NotSupportedException($"{Identity} cannot turn {width} x {height} pixels into {targetWidth} x {targetHeight}.");
        }

        var resized = ByteResampler.Resize(
            input.Bytes, width, height, newWidth, newHeight, ResampleFilter.Linear, columnsFirst: false, buffers);
        var padded = Pad(resized, newWidth, newHeight, targetWidth, targetHeight, buffers);
        var mask = Mask((targetWidth - newWidth) / Patch, (targetHeight - newHeight) / Patch, columns, rows, buffers);
        return [new ImageTensor(padded, targetHeight, targetWidth, Channels), mask];
    }

    private static ReadOnlyMemory<byte> Pad(
        ReadOnlyMemory<byte> pixels, int width, int height, int targetWidth, int targetHeight, PictureBuffers? buffers)
    {
        if ((width, height) == (targetWidth, targetHeight))
        {
            return pixels;
        }

        var padded = PictureBuffers.Take<byte>(buffers, targetWidth * targetHeight * Channels);
        padded.Span.Fill(byte.MaxValue);
        for (var y = 0; y < height; y++)
        {
            pixels.Span.Slice(y * width * Channels, width * Channels).CopyTo(padded.Span[(y * targetWidth * Channels)..]);
        }

        return padded;
    }

    private ImageTensor Mask(int emptyColumns, int emptyRows, int columns, int rows, PictureBuffers? buffers)
    {
        var (width, height) = (columns * (_side / Patch), rows * (_side / Patch));
        var mask = PictureBuffers.TakeCleared<long>(buffers, width * height);
        for (var y = 0; y < height - emptyRows; y++)
        {
            mask.Span.Slice(y * width, Math.Max(0, width - emptyColumns)).Fill(1);
        }

        return new ImageTensor(mask, height, width);
    }

    private (int Columns, int Rows) GridOf(int width, int height)
    {
        var (columns, rows) = ((int)MathF.Ceiling(width / (float)_side), (int)MathF.Ceiling(height / (float)_side));
        return (long)columns * rows > _mostTiles ? ClosestGrid(width, height) : (columns, rows);
    }

    private (int Columns, int Rows) ClosestGrid(int width, int height)
    {
        var area = (long)width * height;
        var ratio = (float)width / height;
        var best = (Columns: 1, Rows: 1);
        var bestDifference = float.PositiveInfinity;
        for (var tiles = 1; tiles <= _mostTiles; tiles++)
        {
            for (var columns = 1; columns <= tiles; columns++)
            {
                if (tiles % columns != 0)
                {
                    continue;
                }

                var rows = tiles / columns;
                var difference = MathF.Abs(ratio - ((float)columns / rows));
                if (difference < bestDifference
                    || (difference == bestDifference && area > 0.5 * _side * _side * columns * rows))
                {
                    (best, bestDifference) = ((columns, rows), difference);
                }
            }
        }

        return best;
    }
}
