namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Cuts a normalised picture into the rows of patches that the Qwen-VL family takes.</summary>
/// <remarks>Output 0: float32 [patches, 3 x temporal x patch x patch]; output 1: int64 [1, 3], the grid (1, rows, columns).</remarks>
internal sealed class PatchImage : ImageOperation
{
    public const string TypeName = "PatchImage";

    private const int MaxSide = 1 << 14;

    private readonly MergedPatches _patches;

    public PatchImage(OperationIdentity identity, OperationAttributes attributes)
        : base(identity) =>
        _patches = new MergedPatches(
            (int)attributes.Integer("patch_size", 14, 1, MaxSide),
            (int)attributes.Integer("temporal_patch_size", 2, 1, MaxSide),
            (int)attributes.Integer("merge_size", 2, 1, MaxSide));

    public override int OutputCount => 2;

    public override IReadOnlyList<ImageTensor> Apply(IReadOnlyList<ImageTensor> inputs, PictureBuffers? buffers)
    {
        var input = inputs[0];
        if (input.ElementType != ImageTensorType.Float32 || input.Shape.Length != 3 || input.Shape[2] != MergedPatches.Channels)
        {
            throw Identity.Fault($"takes Float32 [height, width, {MergedPatches.Channels}], but gets {input}.");
        }

        var (height, width) = (input.Shape[0], input.Shape[1]);
        if (!_patches.Fit(width, height))
        {
            throw new NotSupportedException(
                $"{Identity} cannot cut {width} x {height} pixels into patches: both sides must be multiples of {_patches.Factor}.");
        }

        return _patches.Cut(input.Singles.Span, width, height, buffers);
    }
}
