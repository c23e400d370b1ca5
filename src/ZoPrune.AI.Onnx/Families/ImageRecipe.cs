using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>From a decoded picture to what the vision graph is fed with.</summary>
internal abstract class ImageRecipe
{
    /// <summary>How pictures are decoded where the caller does not say: as the reference of the layout does.</summary>
    public abstract ImageDecodingOptions Decoding { get; }

    /// <summary>The nominal names of the inputs that it gives, as far as they are known without a picture.</summary>
    public virtual IReadOnlyCollection<string> InputNames { get; } =
        ["pixel_values", "pixel_attention_mask", "image_sizes", "image_grid_thw", "image_attention_mask", "pixel_position_ids"];

    /// <summary>Whether an image alone in its prompt is processed in another way than one among several.</summary>
    public virtual bool ProcessesSingleImagesApart => false;

    /// <summary>Processes one picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="imagesInPrompt">How many images the prompt will hold: some families cut a picture into tiles only when it is
    /// alone.</param>
    /// <param name="buffers">Where the graph inputs lie; null: in arrays of their own.</param>
    public abstract ProcessedImage Process(RgbImage image, int imagesInPrompt, PictureBuffers? buffers);
}
