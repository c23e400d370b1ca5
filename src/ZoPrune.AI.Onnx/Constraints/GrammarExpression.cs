namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>An expression of <see cref="GrammarExpressions"/>; parts are given by their numbers.</summary>
internal sealed class GrammarExpression
{
    public required ExpressionKind Kind { get; init; }

    /// <summary>The first part, the part that is repeated or called, or the id of a token.</summary>
    public int A { get; init; }

    /// <summary>The second part of a concatenation.</summary>
    public int B { get; init; }

    /// <summary>How often a part is repeated at least.</summary>
    public int Min { get; init; }

    /// <summary>How often a part is repeated at most; <see cref="int.MaxValue"/>: without limit.</summary>
    public int Max { get; init; }

    /// <summary>The bytes.</summary>
    public ByteSet Bytes { get; init; }

    /// <summary>The parts of a choice, in rising order.</summary>
    public int[] Options { get; init; } = [];

    /// <summary>Whether the empty text matches without a call.</summary>
    public bool IsNullable { get; init; }

    /// <summary>The derivatives by class of byte, as far as they are known; -1: not yet.</summary>
    public int[]? Derivatives { get; set; }

    /// <summary>The calls that can come first, each with what follows behind it.</summary>
    public (int Callee, int Behind)[]? Calls { get; set; }

    /// <summary>The tokens by id that can come first, each with what follows behind it.</summary>
    public (int Id, int Behind)[]? Tokens { get; set; }

    /// <summary>How many tokens suffice for some text of it; -1: not known yet.</summary>
    public int Cost { get; set; } = -1;
}
