namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Where a character of a prompt comes from.</summary>
internal enum TextOrigin : byte
{
    /// <summary>The chat template.</summary>
    Template,

    /// <summary>A message.</summary>
    User,

    /// <summary>It stands for a run of tokens and is no text.</summary>
    Run,
}
