namespace ZoPrune.AI.Onnx.Images;

/// <summary>What becomes of transparent pixels.</summary>
public enum ImageTransparency
{
    /// <summary>
    /// Transparency is dropped: a pixel gives its red, green and blue, however transparent it is. ONNX Runtime GenAI does so.
    /// </summary>
    Drop = 0,

    /// <summary>The picture is laid on white, rounded as Pillow does. Hugging Face's processors do so.</summary>
    OverWhite,
}
