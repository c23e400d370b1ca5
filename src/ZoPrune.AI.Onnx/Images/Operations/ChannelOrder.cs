namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Exchanges the first and the third channel.</summary>
internal static class ChannelOrder
{
    public static Memory<byte> Swap(ReadOnlySpan<byte> pixels, PictureBuffers? buffers)
    {
        var memory = PictureBuffers.Take<byte>(buffers, pixels.Length);
        var swapped = memory.Span;
        for (var i = 0; i <= pixels.Length - 3; i += 3)
        {
            swapped[i] = pixels[i + 2];
            swapped[i + 1] = pixels[i + 1];
            swapped[i + 2] = pixels[i];
        }

        return memory;
    }
}
