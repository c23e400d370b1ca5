namespace ZoPrune.AI.Onnx.Language;

/// <summary>What a language model keeps of the tokens that it has read, so that it can go on behind them. Belongs to one sequence.</summary>
internal abstract class SequenceState : IDisposable
{
    /// <summary>What is allocated.</summary>
    public abstract long Bytes { get; }

    /// <summary>What is allocated whatever the length of the sequence.</summary>
    public abstract long FixedBytes { get; }

    /// <summary>What a token takes beside.</summary>
    public abstract long BytesPerToken { get; }

    /// <summary>Whether another sequence gets a copy to go on with; else the state itself, which is gone then.</summary>
    public abstract bool IsCopied { get; }

    /// <summary>Whether a state of some tokens can become one of fewer.</summary>
    /// <param name="length">The tokens.</param>
    /// <param name="target">The fewer.</param>
    public abstract bool CanRewind(int length, int target);

    /// <summary>Forgets the tokens behind a length, and gives up the room for more as far as it can.</summary>
    public abstract void Trim(int length);

    /// <summary>A state of the first tokens of this one: a copy, or this one itself without the others.</summary>
    /// <param name="length">The tokens.</param>
    /// <param name="capacity">How many it should have room for, at least <paramref name="length"/>.</param>
    /// <returns>The state; <c>null</c> if this one could not be taken back, and is gone.</returns>
    public abstract SequenceState? Branch(int length, int capacity);

    /// <summary>Frees what is allocated.</summary>
    public abstract void Dispose();
}
