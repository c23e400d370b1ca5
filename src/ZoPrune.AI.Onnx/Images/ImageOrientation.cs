namespace ZoPrune.AI.Onnx.Images;

/// <summary>What becomes of the orientation that cameras write beside the pixels (EXIF).</summary>
public enum ImageOrientation
{
    /// <summary>It is ignored: the picture stays as it is stored. The reference programs do so.</summary>
    Ignore = 0,

    /// <summary>The picture is turned and mirrored as it is meant to be seen.</summary>
    Apply,
}
