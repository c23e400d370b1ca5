namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>What an expression of <see cref="GrammarExpressions"/> is.</summary>
internal enum ExpressionKind : byte
{
    /// <summary>Matches nothing, not even the empty text.</summary>
    Never,

    /// <summary>The empty text.</summary>
    Empty,

    /// <summary>One byte of a set.</summary>
    Bytes,

    /// <summary>One expression behind another; the first is never a concatenation itself.</summary>
    Concatenation,

    /// <summary>One of several.</summary>
    Choice,

    /// <summary>One several times.</summary>
    Repetition,

    /// <summary>An expression that is entered by a call: what is left of it becomes the top of a stack.</summary>
    Call,

    /// <summary>A token by its id.</summary>
    Token,
}
