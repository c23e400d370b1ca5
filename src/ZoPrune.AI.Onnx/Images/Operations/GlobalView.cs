using ZoPrune.AI.Onnx.Images.Resampling;

namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>The small square view of a whole normalised picture: each plane resized in floating point, cubic, without clamping.</summary>
internal static class GlobalView
{
    /// <summary>Resizes planes of shape [channels, height, width] to [channels, side, side].</summary>
    public static void Write(ReadOnlyMemory<float> planes, int width, int height, int side, Span<float> target, PictureBuffers? buffers)
    {
        var length = width * height;
        for (var channel = 0; channel < planes.Length / length; channel++)
        {
            var plane = planes.Slice(channel * length, length);
            var view = FloatResampler.Resize(plane, width, height, side, side, ResampleFilter.Cubic, buffers);
            view.Span.CopyTo(target[(channel * side * side)..]);
        }
    }
}
