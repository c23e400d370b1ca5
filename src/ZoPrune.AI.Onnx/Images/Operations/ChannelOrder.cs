namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Exchanges the first and the third channel.</summary>
internal static class ChannelOrder
{
    public static byte[] Swap(ReadOnlySpan<byte> pixels)
    {
        var swapped = GC.AllocateUninitializedArray<byte>(pixels.Length);
        for (var i = 0; i <= pixels.Length - 3; i += 3)
        {
            swapped[i] = pixels[i + 2];
            swapped[i + 1] = pixels[i + 1];
            swapped[i + 2] = pixels[i];
        }

        return swapped;
    }
}
