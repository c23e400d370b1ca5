namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>What an inspection looks at.</summary>
public sealed class ModelInspectionOptions
{
    /// <summary>How the folder would be opened: which variants, whether pictures are cut into tiles.</summary>
    public VisionLanguageModelOptions Model { get; set; } = new();

    /// <summary>The sizes of pictures, width and height in pixels, whose visual tokens are counted.</summary>
    public IReadOnlyList<(int Width, int Height)> ImageSizes { get; set; } = [(336, 336), (640, 480), (1920, 1080)];

    /// <summary>
    /// Whether ONNX Runtime loads the graphs, too, if nothing else is wrong: the only way to know that it can, but it takes the time and
    /// memory
    /// of opening the model.
    /// </summary>
    public bool OpenSessions { get; set; }
}
