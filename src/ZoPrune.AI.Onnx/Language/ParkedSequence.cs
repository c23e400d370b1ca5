using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>A sequence that nobody writes at the moment. The pool's lock guards what changes.</summary>
/// <param name="tokens">Its tokens.</param>
/// <param name="cache">Their keys and values.</param>
internal sealed class ParkedSequence(SequenceToken[] tokens, KeyValueCache cache)
{
    /// <summary>What a token takes beside its keys and values.</summary>
    public static int BytesPerToken => Unsafe.SizeOf<SequenceToken>();

    public SequenceToken[] Tokens => tokens;

    public KeyValueCache Cache => cache;

    public int Length => tokens.Length;

    /// <summary>What it takes of the pool.</summary>
    public long Bytes { get; } = cache.Bytes + ((long)tokens.Length * BytesPerToken);

    /// <summary>Calls that copy from it at the moment.</summary>
    public int Readers { get; set; }

    /// <summary>Whether the pool has given it up: the last reader frees it.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>How many tokens of a prompt its cache can stand for.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="most">The most that are wanted.</param>
    public int ReusableFor(ReadOnlySpan<SequenceToken> prompt, int most)
    {
        var common = Math.Min(prompt.CommonPrefixLength(tokens), most);
        return common == Length || cache.CanRewind(Length) ? common : 0;
    }
}
