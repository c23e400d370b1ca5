using System.Globalization;

namespace ZoPrune.AI;

/// <summary>The prompt of a call does not fit into the model's context.</summary>
/// <remarks>Fewer visual tokens (<see cref="PruningOverrides.KeepRatio"/>), fewer images or a shorter history help.</remarks>
public sealed class ContextLengthExceededException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="promptTokens">Tokens of the prompt, kept visual tokens included.</param>
    /// <param name="limit">The most tokens that prompt and answer may have together.</param>
    public ContextLengthExceededException(int promptTokens, int limit)
        : base(string.Create(CultureInfo.InvariantCulture,
            $"The prompt has {promptTokens} tokens, but prompt and answer together may have {limit}, so there is no room for an answer. "
            + $"Send fewer or smaller images, keep fewer visual tokens (KeepRatio, MaxVisualTokens), or shorten the history."))
    {
        PromptTokens = promptTokens;
        Limit = limit;
    }

    /// <summary>Tokens of the prompt, kept visual tokens included.</summary>
    public int PromptTokens { get; }

    /// <summary>The most tokens that prompt and answer may have together.</summary>
    public int Limit { get; }
}
