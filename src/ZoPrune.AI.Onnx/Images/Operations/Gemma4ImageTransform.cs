using ZoPrune.AI.Onnx.Images.Resampling;

namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Gemma 4: the picture scaled to a budget of patches, as rows of patches with their positions.</summary>
/// <remarks>
/// Output 0: float32 [most patches, 3 x patch x patch], values around 0 to 1, a patch as y, x, channel, zeros at the end; output 1: int64
/// [most patches, 2], column and row of each patch, -1 at the end; output 2: int64 [1], the number of visual tokens.
/// </remarks>
internal sealed class Gemma4ImageTransform : ImageOperation
{
    public const string TypeName = "Gemma4ImageTransform";

    private const int Channels = 3;

    private readonly int _patch;
    private readonly int _pooling;
    private readonly int _mostTokens;
    private readonly int _mostPatches;

    public Gemma4ImageTransform(OperationIdentity identity, OperationAttributes attributes)
        : base(identity)
    {
        _patch = (int)attributes.Integer("patch_size", 16, 1, 1024);
        _mostTokens = (int)attributes.Integer("max_soft_tokens", 280, 1, 1 << 16);
        _pooling = (int)attributes.Integer("pooling_kernel_size", 3, 1, 64);
        var patches = (long)_mostTokens * _pooling * _pooling;
        if (patches * _patch * _patch * Channels > Array.MaxLength)
        {
            throw identity.Fault($"asks for {patches} patches of {_patch} x {_patch} pixels, which no array can hold.");
        }

        _mostPatches = (int)patches;
    }

    public override int OutputCount => 3;

    public override (int Width, int Height)? SizeAfter((int Width, int Height)? before) => null;

    public override IReadOnlyList<ImageTensor> Apply(IReadOnlyList<ImageTensor> inputs, PictureBuffers? buffers)
    {
        var input = inputs[0];
        if (input.ElementType != ImageTensorType.UInt8 || input.Shape.Length != 3 || input.Shape[2] != Channels)
        {
            throw Identity.Fault($"takes UInt8 [height, width, {Channels}], but gets {input}.");
        }

        var (width, height) = (input.Shape[1], input.Shape[0]);
        var (newWidth, newHeight) = SizeOf(width, height);
        if (newWidth < 1 || newHeight < 1 || (long)newWidth * newHeight > (long)_mostPatches * _patch * _patch
            || (long)newWidth * height > Array.MaxLength / Channels)
        {
            throw new NotSupportedException(
                $"{Identity} cannot fit {width} x {height} pixels into {_mostPatches} patches of {_patch} x {_patch}.");
        }

        var pixels = UnitResampler.Resize(input.Bytes, width, height, newWidth, newHeight, ResampleFilter.Cubic, buffers);
        var (columns, rows) = (newWidth / _patch, newHeight / _patch);
        return
        [
            new ImageTensor(CutPatches(pixels.Span, columns, rows, buffers), _mostPatches, Channels * _patch * _patch),
            new ImageTensor(Positions(columns, rows), _mostPatches, 2),
            new ImageTensor(new[] { (long)columns * rows / (_pooling * _pooling) }, 1),
        ];
    }

    private (int Width, int Height) SizeOf(int width, int height)
    {
        var unit = _pooling * _patch;
        var factor = Math.Sqrt((double)_mostPatches * _patch * _patch / ((double)width * height));
        var newWidth = (int)Math.Floor(factor * width / unit) * unit;
        var newHeight = (int)Math.Floor(factor * height / unit) * unit;
        return (newWidth, newHeight) switch
        {
            (0, > 0) => (unit, LongSide(height, width, unit)),
            (> 0, 0) => (LongSide(width, height, unit), unit),
            _ => (newWidth, newHeight),
        };
    }

    private int LongSide(int longSide, int shortSide, int unit) => Math.Clamp(longSide / shortSide, 1, _mostTokens) * unit;

    private Memory<float> CutPatches(ReadOnlySpan<float> pixels, int columns, int rows, PictureBuffers? buffers)
    {
        var lineLength = _patch * Channels;
        var patches = PictureBuffers.TakeCleared<float>(buffers, _mostPatches * _patch * lineLength);
        var values = patches.Span;
        var target = 0;
        for (var patch = 0; patch < columns * rows; patch++)
        {
            var (row, column) = Math.DivRem(patch, columns);
            for (var y = 0; y < _patch; y++)
            {
                var line = ((((row * _patch) + y) * columns) + column) * lineLength;
                pixels.Slice(line, lineLength).CopyTo(values[target..]);
                target += lineLength;
            }
        }

        return patches;
    }

    private long[] Positions(int columns, int rows)
    {
        var positions = new long[_mostPatches * 2];
        positions.AsSpan().Fill(-1);
        for (var patch = 0; patch < columns * rows; patch++)
        {
            (positions[(patch * 2) + 1], positions[patch * 2]) = Math.DivRem(patch, columns);
        }

        return positions;
    }
}
