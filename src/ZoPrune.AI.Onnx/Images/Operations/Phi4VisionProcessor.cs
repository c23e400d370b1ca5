namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Phi-4 multimodal: a normalised picture cut into tiles, with a global view in front.</summary>
/// <remarks>
/// Output 0: float32 [1 + tiles, 3, side, side]; output 1: int64 [2], height and width; output 2: int64 [1 + tiles, patches, patches],
/// the mask, ones for the global view; output 3: int64 [1], the number of visual tokens. <c>interpolation</c> is read but has no effect.
/// </remarks>
internal sealed class Phi4VisionProcessor : ImageOperation
{
    public const string TypeName = "Phi4VisionProcessor";

    private const int Channels = 3;
    private const int MaxSide = 1 << 14;

    // The global view's 16 x 16 tokens, its 16 line ends and the separator, whatever the base resolution is.
    private const long GlobalTokens = 256 + 16 + 1;

    private readonly int _side;

    public Phi4VisionProcessor(OperationIdentity identity, OperationAttributes attributes)
        : base(identity)
    {
        _side = (int)attributes.Integer("dyhd_base_resolution", 448, Phi4VisionDynamicPreprocess.Patch, MaxSide);
        _ = attributes.Text("interpolation", "CUBIC");
    }

    public override int InputCount => 2;

    public override int OutputCount => 4;

    public override (int Width, int Height)? SizeAfter((int Width, int Height)? before) => null;

    public override IReadOnlyList<ImageTensor> Apply(IReadOnlyList<ImageTensor> inputs, PictureBuffers? buffers)
    {
        var (image, mask) = (inputs[0], inputs[1]);
        if (image.ElementType != ImageTensorType.Float32 || image.Shape.Length != 3 || image.Shape[2] != Channels
            || image.Shape[0] % _side != 0 || image.Shape[1] % _side != 0)
        {
            throw Identity.Fault($"takes Float32 [height, width, {Channels}] with sides that are multiples of {_side}, but gets {image}.");
        }

        var (width, height) = (image.Shape[1], image.Shape[0]);
        var (columns, rows) = (width / _side, height / _side);
        var patches = _side / Phi4VisionDynamicPreprocess.Patch;
        if (mask.ElementType != ImageTensorType.Int64 || !mask.Shape.SequenceEqual([rows * patches, columns * patches]))
        {
            throw Identity.Fault($"takes a mask Int64 [{rows * patches}, {columns * patches}] for {image}, but gets {mask}.");
        }

        var frames = 1 + (columns * rows);
        var planes = ToPlanes(image.Singles.Span, width * height, buffers);
        var frameLength = Channels * _side * _side;
        var values = PictureBuffers.Take<float>(buffers, checked(frames * frameLength));
        GlobalView.Write(planes, width, height, _side, values.Span, buffers);
        PixelTiles.Cut(planes.Span, width, height, _side, values.Span[frameLength..]);
        return
        [
            new ImageTensor(values, frames, Channels, _side, _side),
            new ImageTensor(new long[] { height, width }, 2),
            new ImageTensor(MaskOfFrames(mask.Int64s.Span, columns, rows, patches, buffers), frames, patches, patches),
            new ImageTensor(new[] { CountTokens(mask) }, 1),
        ];
    }

    private static Memory<float> ToPlanes(ReadOnlySpan<float> pixels, int length, PictureBuffers? buffers)
    {
        var planes = PictureBuffers.Take<float>(buffers, pixels.Length);
        for (var channel = 0; channel < Channels; channel++)
        {
            var plane = planes.Span.Slice(channel * length, length);
            for (var i = 0; i < length; i++)
            {
                plane[i] = pixels[(i * Channels) + channel];
            }
        }

        return planes;
    }

    private static Memory<long> MaskOfFrames(ReadOnlySpan<long> mask, int columns, int rows, int patches, PictureBuffers? buffers)
    {
        var frames = PictureBuffers.Take<long>(buffers, (1 + (columns * rows)) * patches * patches);
        frames.Span[..(patches * patches)].Fill(1);
        var target = patches * patches;
        for (var tile = 0; tile < columns * rows; tile++)
        {
            var (top, left) = (tile / columns * patches, tile % columns * patches);
            for (var y = top; y < top + patches; y++)
            {
                mask.Slice((y * columns * patches) + left, patches).CopyTo(frames.Span[target..]);
                target += patches;
            }
        }

        return frames;
    }

    /// <summary>One token for each second row and column of the mask, one line end for each second row.</summary>
    private static long CountTokens(ImageTensor mask)
    {
        var (height, width) = (mask.Shape[0], mask.Shape[1]);
        var values = mask.Int64s.Span;
        var tokens = GlobalTokens;
        for (var y = 0; y < height; y += 2)
        {
            tokens += values[y * width];
            for (var x = 0; x < width; x += 2)
            {
                tokens += values[(y * width) + x];
            }
        }

        return tokens;
    }
}
