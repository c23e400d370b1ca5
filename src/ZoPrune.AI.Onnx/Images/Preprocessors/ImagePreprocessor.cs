namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>The picture processing of a Hugging Face folder: one picture in, named graph inputs out. Immutable, safe to share.</summary>
internal abstract class ImagePreprocessor
{
    /// <summary>What a picture of a size becomes, told without pixels.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="NotSupportedException">A picture of that size cannot be processed.</exception>
    public abstract ImageLayout LayoutOf(int width, int height);

    /// <summary>Processes one picture.</summary>
    /// <param name="image">The picture; transparency is composited over white, if there was any.</param>
    /// <param name="buffers">Where the graph inputs lie; null: in arrays of their own.</param>
    /// <exception cref="NotSupportedException">A picture of that size cannot be processed.</exception>
    public abstract PreprocessedImage Process(RgbImage image, PictureBuffers? buffers = null);
}
