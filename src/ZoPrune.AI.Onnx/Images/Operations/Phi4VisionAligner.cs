namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>
/// Makes the mask of <see cref="Phi4VisionProcessor"/> float32, and all ones in every tile whose first element is 0: such tiles come from
/// stacking pictures with different numbers of tiles.
/// </summary>
internal static class Phi4VisionAligner
{
    public const string Name = "phi4-vision-aligner";

    private const int MaskOutput = 2;

    /// <summary>Aligns the outputs, with or without a leading axis for several pictures.</summary>
    /// <exception cref="InvalidDataException">The outputs are not those of <see cref="Phi4VisionProcessor"/>.</exception>
    public static IReadOnlyList<ImageTensor> Align(IReadOnlyList<ImageTensor> outputs, PictureBuffers? buffers)
    {
        if (outputs.Count <= MaskOutput
            || outputs[MaskOutput].ElementType != ImageTensorType.Int64 || outputs[MaskOutput].Shape.Length < 3)
        {
            throw new InvalidDataException(
                $"The output aligner {Name} takes the four outputs of {Phi4VisionProcessor.TypeName}, but gets "
                + $"{string.Join(", ", outputs)}.");
        }

        var mask = outputs[MaskOutput];
        var tileLength = mask.Shape[^1] * mask.Shape[^2];
        var source = mask.Int64s.Span;
        var aligned = PictureBuffers.Take<float>(buffers, source.Length);
        var values = aligned.Span;
        for (var start = 0; start < values.Length; start += tileLength)
        {
            var isEmpty = source[start] == 0;
            for (var i = start; i < start + tileLength; i++)
            {
                values[i] = isEmpty ? 1 : source[i];
            }
        }

        return [.. outputs.Take(MaskOutput), new ImageTensor(aligned, mask.Shape), .. outputs.Skip(MaskOutput + 1)];
    }
}
