using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Images.Preprocessors;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>Hugging Face's image processor of a folder.</summary>
/// <param name="alone">Processes a picture that is alone in its prompt.</param>
/// <param name="withOthers">Processes one of several.</param>
/// <param name="mayCut">Whether pictures may be cut into tiles.</param>
internal sealed class PreprocessorRecipe(ImagePreprocessor alone, ImagePreprocessor withOthers, bool mayCut) : ImageRecipe
{
    // transformers' load_image turns pictures upright; its processors lay transparent ones on white.
    public override ImageDecodingOptions Decoding { get; } =
        new() { Transparency = ImageTransparency.OverWhite, Orientation = ImageOrientation.Apply };

    public override bool ProcessesSingleImagesApart => !ReferenceEquals(alone, withOthers);

    /// <summary>Reads a folder's image processor.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="splitImages">Whether pictures are cut into tiles; <c>null</c>: as the folder says.</param>
    /// <param name="oneTileWithOthers">Whether a picture that is not alone is not cut.</param>
    public static PreprocessorRecipe Load(ModelFolder folder, bool? splitImages, bool oneTileWithOthers)
    {
        var alone = ImagePreprocessors.Load(folder.Path, new ImagePreprocessorOptions { SplitImages = splitImages });
        return new PreprocessorRecipe(
            alone,
            oneTileWithOthers && splitImages != false
                ? ImagePreprocessors.Load(folder.Path, new ImagePreprocessorOptions { SplitImages = false, PadsSingleTile = true })
                : alone,
            splitImages != false);
    }

    public override ProcessedImage Process(RgbImage image, int imagesInPrompt, PictureBuffers? buffers)
    {
        var isAlone = imagesInPrompt == 1 || !ProcessesSingleImagesApart;
        var processed = (isAlone ? alone : withOthers).Process(image, buffers);

        // One tile that stands for many is still closed as many would be.
        return new ProcessedImage(image.Width, image.Height, processed.Inputs)
        {
            Tiles = !mayCut ? null : isAlone ? processed.Tiles : new TileLayout(0, 0, GlobalFrame.First),
        };
    }
}
