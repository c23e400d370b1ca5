namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>What becomes of a delimiter where text is split.</summary>
internal enum SplitBehavior
{
    /// <summary>It is a part of its own.</summary>
    Isolated,

    /// <summary>It goes.</summary>
    Removed,

    /// <summary>It belongs to the part before it.</summary>
    MergedWithPrevious,

    /// <summary>It belongs to the part behind it.</summary>
    MergedWithNext,

    /// <summary>Adjacent ones are one part.</summary>
    Contiguous,
}
