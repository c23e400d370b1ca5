namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>What a caller decides against a folder's own file.</summary>
internal sealed record ImagePreprocessorOptions
{
    /// <summary>
    /// Whether pictures are cut into tiles: <c>do_image_splitting</c> of Idefics3 and SmolVLM, <c>crop_to_patches</c> of InternVL and
    /// GOT-OCR2, any resolution (true) or one squashed tile (false) of LLaVA-NeXT and LLaVA-OneVision. Null: as the file says; any
    /// resolution for the last two.
    /// </summary>
    public bool? SplitImages { get; init; }

    /// <summary>
    /// Whether LLaVA-OneVision's one tile of a picture that is not split shows it inside a square of the mean colour, as transformers does
    /// with several pictures in one message, instead of squashed.
    /// </summary>
    public bool PadsSingleTile { get; init; }
}
