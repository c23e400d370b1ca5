namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>Where the frame of the whole picture stands among the frames.</summary>
internal enum GlobalFrame
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Before the tiles.</summary>
    First,

    /// <summary>Behind the tiles.</summary>
    Last,
}
