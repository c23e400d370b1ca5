namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>
/// The patch layout of the Qwen-VL family: blocks of merge x merge patches in row-major order, inside a block row-major again; in a row
/// of the result channel, time, y, x. A still picture stands <paramref name="Temporal"/> times in the time axis.
/// </summary>
/// <param name="Patch">Side of a patch in pixels.</param>
/// <param name="Temporal">Length of the time axis of a patch.</param>
/// <param name="Merge">Side of a block in patches.</param>
internal sealed record MergedPatches(int Patch, int Temporal, int Merge)
{
    public const int Channels = 3;

    /// <summary>What both sides of a picture must be multiples of.</summary>
    public long Factor => (long)Patch * Merge;

    /// <summary>Length of a row of the result.</summary>
    public int RowLength => checked(Channels * Temporal * Patch * Patch);

    public bool Fit(int width, int height) => width % Factor == 0 && height % Factor == 0;

    /// <summary>Cuts a picture of shape [height, width, 3].</summary>
    /// <returns>Float32 [patches, <see cref="RowLength"/>] and int64 [1, 3], the grid (1, rows, columns).</returns>
    public ImageTensor[] Cut(ReadOnlySpan<float> pixels, int width, int height, PictureBuffers? buffers)
    {
        var (rows, columns) = (height / Patch, width / Patch);
        var patches = PictureBuffers.Take<float>(buffers, checked(rows * columns * RowLength));
        var values = patches.Span;
        var target = 0;
        for (var blockY = 0; blockY < rows; blockY += Merge)
        {
            for (var blockX = 0; blockX < columns; blockX += Merge)
            {
                for (var inBlock = 0; inBlock < Merge * Merge; inBlock++)
                {
                    var (y, x) = (blockY + (inBlock / Merge), blockX + (inBlock % Merge));
                    CutOne(pixels[(((y * Patch * width) + (x * Patch)) * Channels)..], width, values.Slice(target, RowLength));
                    target += RowLength;
                }
            }
        }

        return [new ImageTensor(patches, rows * columns, RowLength), new ImageTensor(new long[] { 1, rows, columns }, 1, 3)];
    }

    private void CutOne(ReadOnlySpan<float> pixels, int width, Span<float> row)
    {
        var plane = Patch * Patch;
        for (var channel = 0; channel < Channels; channel++)
        {
            var first = row.Slice(channel * Temporal * plane, plane);
            for (var y = 0; y < Patch; y++)
            {
                var source = pixels[(y * width * Channels)..];
                for (var x = 0; x < Patch; x++)
                {
                    first[(y * Patch) + x] = source[(x * Channels) + channel];
                }
            }

            for (var copy = 1; copy < Temporal; copy++)
            {
                first.CopyTo(row[(((channel * Temporal) + copy) * plane)..]);
            }
        }
    }
}
