using System.Globalization;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI;

/// <summary>The prompt of a call does not fit into the model's context.</summary>
/// <remarks>
/// Fewer images or a shorter history help. Where the tokens are too many, fewer visual tokens (<see cref="PruningOverrides.KeepRatio"/>)
/// help as well; where only the positions are (<see cref="EndPosition"/> is above <see cref="PromptTokens"/>), another
/// <see cref="PruningOverrides.PositionPolicy"/> does.
/// </remarks>
public sealed class ContextLengthExceededException : InvalidOperationException
{
    /// <summary>Creates the exception for a prompt that has too many tokens.</summary>
    /// <param name="promptTokens">Tokens of the prompt, kept visual tokens included.</param>
    /// <param name="limit">The most tokens that prompt and answer may have together.</param>
    public ContextLengthExceededException(int promptTokens, int limit)
        : base(string.Create(CultureInfo.InvariantCulture,
            $"The prompt has {promptTokens} tokens, but prompt and answer together may have {limit}, so there is no room for an answer. "
            + $"Shorten the history, offer fewer tools, send fewer images, or keep fewer visual tokens (KeepRatio, MaxVisualTokens)."))
    {
        PromptTokens = promptTokens;
        EndPosition = promptTokens;
        Limit = limit;
    }

    /// <summary>
    /// Creates the exception for a prompt whose tokens would fit, but whose positions do not: under <see cref="PositionPolicy.Original"/>
    /// pruned tokens leave theirs empty.
    /// </summary>
    /// <param name="promptTokens">Tokens of the prompt, kept visual tokens included.</param>
    /// <param name="endPosition">The position behind the prompt's last token.</param>
    /// <param name="limit">The number of positions that the model has.</param>
    public ContextLengthExceededException(int promptTokens, long endPosition, int limit)
        : base(string.Create(CultureInfo.InvariantCulture,
            $"The prompt has {promptTokens} tokens and ends at position {endPosition}, because under PositionPolicy.Original pruned tokens "
            + $"leave their positions empty; the model has {limit} positions, so there is no room for an answer. "
            + $"Set PositionPolicy to Compact or Auto, send fewer images, or shorten the history."))
    {
        PromptTokens = promptTokens;
        EndPosition = endPosition;
        Limit = limit;
    }

    /// <summary>Tokens of the prompt, kept visual tokens included.</summary>
    public int PromptTokens { get; }

    /// <summary>
    /// The position behind the prompt's last token, where an answer would begin: <see cref="PromptTokens"/>, unless pruned tokens left
    /// positions empty.
    /// </summary>
    public long EndPosition { get; }

    /// <summary>The most tokens that prompt and answer may have together, or the number of the model's positions.</summary>
    public int Limit { get; }
}
