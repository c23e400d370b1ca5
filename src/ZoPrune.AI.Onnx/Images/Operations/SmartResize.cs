namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>The size rule of the Qwen-VL family as ONNX Runtime GenAI has it (0.12.2 and later).</summary>
/// <remarks>
/// Both sides become multiples of <paramref name="Factor"/>, the area lies between the limits, the aspect ratio is kept roughly. Unlike the
/// original in Python, halves are rounded away from zero, and the scaled sides are truncated before they are snapped to the grid.
/// </remarks>
/// <param name="Factor">Patch size times merge size, in pixels.</param>
/// <param name="MinPixels">Least area.</param>
/// <param name="MaxPixels">Largest area.</param>
internal sealed record SmartResize(long Factor, long MinPixels, long MaxPixels)
{
    private const double MaxRatio = 200;

    /// <summary>The size that a picture of the given size gets; sides can be 0 for extreme pictures.</summary>
    /// <exception cref="NotSupportedException">One side is more than 200 times the other.</exception>
    public (long Width, long Height) SizeOf(int width, int height)
    {
        if (Math.Max(width, height) / (double)Math.Min(width, height) > MaxRatio)
        {
            throw new NotSupportedException(
                $"An image of {width} x {height} pixels cannot be processed: this model takes aspect ratios up to {MaxRatio}.");
        }

        var (newWidth, newHeight) = (Snap(Math.Round((double)width / Factor, MidpointRounding.AwayFromZero)),
            Snap(Math.Round((double)height / Factor, MidpointRounding.AwayFromZero)));
        newWidth = Math.Max(Factor, newWidth);
        newHeight = Math.Max(Factor, newHeight);
        var area = (double)((long)width * height);
        if (newWidth * newHeight > MaxPixels)
        {
            var shrink = Math.Sqrt(area / MaxPixels);
            newWidth = Snap(Math.Floor((double)(long)(width / shrink) / Factor));
            newHeight = Snap(Math.Floor((double)(long)(height / shrink) / Factor));
        }
        else if (newWidth * newHeight < MinPixels)
        {
            var grow = Math.Sqrt(MinPixels / area);
            newWidth = Snap(Math.Ceiling((double)(long)(width * grow) / Factor));
            newHeight = Snap(Math.Ceiling((double)(long)(height * grow) / Factor));
        }

        return (newWidth, newHeight);
    }

    private long Snap(double units) => (long)(units * Factor);
}
