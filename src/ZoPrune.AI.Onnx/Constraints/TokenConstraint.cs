using System.Runtime.InteropServices;

namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>
/// Holds one answer to a grammar, token by token. Made by <see cref="VisionLanguageModel.CreateConstraint"/>; serves one answer and is not
/// thread-safe.
/// </summary>
public sealed class TokenConstraint
{
    private readonly GrammarAutomaton _automaton;
    private readonly TokenTable _tokens;
    private Configuration _configuration;
    private KeyTracker? _keys;

    internal TokenConstraint(GrammarAutomaton automaton, TokenTable tokens, bool hasOpenKeys)
    {
        _automaton = automaton;
        _tokens = tokens;
        _configuration = automaton.Start;
        _keys = hasOpenKeys ? new KeyTracker() : null;
    }

    /// <summary>Whether the text may end here. It may perhaps go on, too: see <see cref="IsComplete"/>.</summary>
    public bool MayEnd => _configuration.MayEnd;

    /// <summary>Whether the text is whole and nothing else may follow but the end.</summary>
    public bool IsComplete => _configuration is { MayEnd: true, IsFinal: true };

    /// <summary>
    /// How many tokens surely suffice to bring the text to its end from here; an end-of-sequence token is not counted.
    /// </summary>
    public int TokensToEnd => _configuration.Cost;

    /// <summary>Writes -infinity over the logits of all tokens that may not come next.</summary>
    /// <remarks>
    /// End-of-sequence ids may come exactly where the text may end. Tokens behind which <paramref name="remainingTokens"/> might not
    /// suffice to finish the text may not come: near the end of the budget, the text is led to its shortest end.
    /// </remarks>
    /// <param name="logits">The logits of the whole vocabulary.</param>
    /// <param name="remainingTokens">How many tokens the answer may still have, the next one included; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="remainingTokens"/> is less than 1 or than <see cref="TokensToEnd"/>.
    /// </exception>
    public void Apply(Span<float> logits, int remainingTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(remainingTokens, Math.Max(1, TokensToEnd));
        var allowed = _automaton.Allowed(_configuration, remainingTokens);
        int[] repeating = [];
        if (_keys is not null)
        {
            (allowed, repeating) = WithoutRepeatedKeys(allowed, remainingTokens);
        }

        allowed.Mask(logits);
        foreach (var id in repeating)
        {
            if (id < logits.Length)
            {
                logits[id] = float.NegativeInfinity;
            }
        }

        if (!MemoryMarshal.Cast<float, int>(logits).ContainsAnyExcept(BitConverter.SingleToInt32Bits(float.NegativeInfinity)))
        {
            // The model rules out whatever is allowed; one of them it must be.
            foreach (var id in allowed.Enumerate())
            {
                if (id < logits.Length && !repeating.Contains(id))
                {
                    logits[id] = float.MinValue;
                }
            }
        }
    }

    /// <summary>Takes the token that was chosen.</summary>
    /// <param name="tokenId">The id. An end-of-sequence id changes nothing where the text may end.</param>
    /// <exception cref="ArgumentException">The token may not come here.</exception>
    public void Accept(int tokenId)
    {
        if (_tokens.Ends.Contains(tokenId) && MayEnd)
        {
            return;
        }

        _configuration = _automaton.Accept(_configuration, tokenId)
            ?? throw new ArgumentException($"Token {tokenId} may not come here.", nameof(tokenId));
        if (_tokens.BytesOf(tokenId) is { } bytes)
        {
            _keys = _keys?.Read(bytes, out _);
        }
    }

    /// <summary>Finds the tokens that would end a key for the second time in its object.</summary>
    /// <remarks>
    /// One token more than needed is held in reserve, as long as there is one: behind the letters of a known key the shortest way out,
    /// which is the closing quote, is barred, and one more letter opens it again.
    /// </remarks>
    private (TokenSet Allowed, int[] Repeating) WithoutRepeatedKeys(TokenSet allowed, int remainingTokens)
    {
        if (TokensToEnd < remainingTokens && remainingTokens < int.MaxValue)
        {
            var reserved = _automaton.Allowed(_configuration, remainingTokens - 1);
            var banned = Repeating(reserved);
            if (banned.Length < reserved.Count)
            {
                return (reserved, banned);
            }
        }

        var repeating = Repeating(allowed);
        if (_keys!.IsAtKnownKey && remainingTokens < int.MaxValue)
        {
            repeating = [.. allowed.Enumerate().Where(id => ReadsKnownKey(id) || repeating.Contains(id))];
        }

        return repeating.Length < allowed.Count ? (allowed, repeating) : (allowed, []);
    }

    private int[] Repeating(TokenSet allowed)
    {
        var found = new List<int>();
        foreach (var end in _keys!.EndsOfKnownKeys())
        {
            // Whatever comes behind the quote: all tokens below this node.
            foreach (var id in _tokens.All.TokensFrom(end))
            {
                if (allowed.Contains(id))
                {
                    found.Add(id);
                }
            }
        }

        // Few tokens hold a whole key, and few of them are allowed anywhere.
        foreach (var id in allowed.Intersect(_tokens.WithQuotes(_keys.QuotesOfAnotherKey)))
        {
            _keys.Read(_tokens.BytesOf(id), out var repeats);
            if (repeats)
            {
                found.Add(id);
            }
        }

        return [.. found.Distinct()];
    }

    private bool ReadsKnownKey(int id) =>
        _tokens.BytesOf(id) is { } bytes && _keys!.Read(bytes, out _).IsAtKnownKey;
}
