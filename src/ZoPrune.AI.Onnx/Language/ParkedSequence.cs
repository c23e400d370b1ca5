using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>A sequence that nobody writes at the moment. The pool's lock guards what changes.</summary>
/// <param name="model">The language model that wrote it.</param>
/// <param name="tokens">Its tokens.</param>
/// <param name="state">What the language model keeps of them.</param>
internal sealed class ParkedSequence(ILanguageModel model, SequenceToken[] tokens, SequenceState state)
{
    /// <summary>What a token takes beside its part of the state.</summary>
    public static int BytesPerToken => Unsafe.SizeOf<SequenceToken>();

    public ILanguageModel Model => model;

    public SequenceToken[] Tokens => tokens;

    public SequenceState State => state;

    public int Length => tokens.Length;

    /// <summary>What it takes of the pool.</summary>
    public long Bytes { get; } = state.Bytes + ((long)tokens.Length * BytesPerToken);

    /// <summary>Calls that copy from it at the moment.</summary>
    public int Readers { get; set; }

    /// <summary>Whether the pool has given it up: the last reader frees it.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>How many tokens of a prompt its state can stand for.</summary>
    public int ReusableFor(SequenceRequest request)
    {
        if (!ReferenceEquals(request.Model, model) || request.Accepts?.Invoke(state) == false)
        {
            return 0;
        }

        var common = Math.Min(CollectionsMarshal.AsSpan(request.Prompt).CommonPrefixLength(tokens), request.Most);
        return common == Length || state.CanRewind(Length, common) ? common : 0;
    }
}
