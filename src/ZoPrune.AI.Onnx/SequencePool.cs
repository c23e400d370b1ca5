using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Language;

namespace ZoPrune.AI.Onnx;

/// <summary>
/// Sequences of one model that are not being written at the moment, with their KV caches: a prompt that begins like one of them is
/// computed from there on only. Bounded by bytes; what was not used for longest goes first. Thread-safe.
/// </summary>
/// <remarks>
/// Two tokens count as equal if their ids and positions are, and for visual tokens also the image (<see cref="VisualTokens.ContentId"/>)
/// and its row. A prompt gets a copy of what it shares, so that any number of prompts can go on from one beginning at once; of a
/// <see cref="LanguageModelBackend"/> that cannot copy, the first of them takes the sequence over. A sequence
/// takes the place of its own beginning when it is parked. Only what is parked counts against the bound: a sequence that is being written
/// belongs to its call.
/// </remarks>
public sealed class SequencePool : IDisposable
{
    /// <summary>Prompts of one template begin alike; that much is not worth a copy.</summary>
    internal const int LeastPrefix = 8;

    private readonly Lock _gate = new();

    // The most recently used comes first.
    private readonly LinkedList<ParkedSequence> _parked = [];
    private long _bytes;
    private long _evictions;
    private long _oversized;
    private bool _isDisposed;

    internal SequencePool(VisionLanguageModel model, long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        Model = model;
        MaxBytes = maxBytes;
    }

    /// <summary>The most bytes that parked sequences take. 0: nothing is parked.</summary>
    public long MaxBytes { get; }

    /// <summary>The bytes that parked sequences take.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many sequences are parked.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _parked.Count;
            }
        }
    }

    /// <summary>How many sequences had to go, so far, to make room for others.</summary>
    public long Evictions => Interlocked.Read(ref _evictions);

    /// <summary>
    /// How many sequences, so far, were larger than <see cref="MaxBytes"/>: only their beginning was parked, or nothing where the model's
    /// caches cannot go back.
    /// </summary>
    public long Oversized => Interlocked.Read(ref _oversized);

    internal VisionLanguageModel Model { get; }

    /// <summary>Frees what is parked. Sequences that are being written come back later all the same.</summary>
    public void Clear()
    {
        var freed = new List<ParkedSequence>();
        lock (_gate)
        {
            while (_parked.First is { } first)
            {
                Remove(first, freed);
            }
        }

        Free(freed);
    }

    /// <summary>Frees what is parked; what comes back later is freed as well.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        Clear();
    }

    /// <summary>Gives the state of the longest parked beginning of a prompt: a copy, or the state itself where there are none.</summary>
    /// <returns>A state that belongs to the caller and the tokens in it; <c>null</c> if no parked sequence will do.</returns>
    internal (SequenceState State, int Length)? Take(SequenceRequest request)
    {
        ParkedSequence source;
        int length;
        lock (_gate)
        {
            if (FindLongest(request, out length) is not { } node)
            {
                return null;
            }

            source = node.Value;
            source.Readers++;
            _parked.Remove(node);
            if (source.State.IsCopied)
            {
                _parked.AddFirst(node);
            }
            else
            {
                Interlocked.Add(ref _bytes, -source.Bytes);
            }
        }

        try
        {
            return source.State.Branch(length, request.Capacity) is { } state ? (state, length) : null;
        }
        finally
        {
            bool isLast;
            lock (_gate)
            {
                isLast = --source.Readers == 0 && source.IsRemoved;
            }

            if (isLast)
            {
                source.State.Dispose();
            }
        }
    }

    /// <summary>Takes in a sequence that is not written any more, with its state.</summary>
    internal void Park(ILanguageModel model, ReadOnlySpan<SequenceToken> tokens, SequenceState state)
    {
        var length = Math.Min(tokens.Length, LongestThatFits(state));
        if (length < tokens.Length)
        {
            Interlocked.Increment(ref _oversized);
        }

        if (length < LeastPrefix || (length < tokens.Length && !state.CanRewind(tokens.Length, length)) || !Trim(state, length))
        {
            state.Dispose();
            return;
        }

        var parked = new ParkedSequence(model, tokens[..length].ToArray(), state);
        var freed = new List<ParkedSequence>();
        lock (_gate)
        {
            if (_isDisposed || !Supersede(parked, freed))
            {
                freed.Add(parked);
            }
            else
            {
                while (_bytes + parked.Bytes > MaxBytes)
                {
                    Remove(_parked.Last!, freed);
                    Interlocked.Increment(ref _evictions);
                }

                Interlocked.Add(ref _bytes, parked.Bytes);
                _parked.AddFirst(parked);
            }
        }

        Free(freed);
    }

    private int LongestThatFits(SequenceState state) =>
        (int)Math.Clamp((MaxBytes - state.FixedBytes) / (state.BytesPerToken + ParkedSequence.BytesPerToken), 0, int.MaxValue);

    private static bool Trim(SequenceState state, int length)
    {
        try
        {
            state.Trim(length);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            // No memory for the smaller buffers: the answer is there, and only what follows takes longer.
            return false;
        }
    }

    private static void Free(List<ParkedSequence> sequences) => sequences.ForEach(s => s.State.Dispose());

    private LinkedListNode<ParkedSequence>? FindLongest(SequenceRequest request, out int length)
    {
        LinkedListNode<ParkedSequence>? best = null;
        length = request.Least - 1;
        for (var node = _parked.First; node is not null; node = node.Next)
        {
            var reusable = node.Value.ReusableFor(request);
            if (reusable > length)
            {
                (best, length) = (node, reusable);
            }
        }

        return best;
    }

    /// <summary>Keeps one of two sequences of which one is the beginning of the other.</summary>
    /// <returns>Whether the new one is to be kept.</returns>
    private bool Supersede(ParkedSequence parked, List<ParkedSequence> freed)
    {
        for (var node = _parked.First; node is not null;)
        {
            var (other, current) = (node.Value, node);
            node = node.Next;
            if (!ReferenceEquals(other.Model, parked.Model))
            {
                continue;
            }

            var common = parked.Tokens.AsSpan().CommonPrefixLength(other.Tokens);
            // Where a state is taken over the new one stays: it may have more room.
            if (common == parked.Length && other.State.IsCopied && (other.Length == common || other.State.CanRewind(other.Length, common)))
            {
                _parked.Remove(current);
                _parked.AddFirst(current);
                return false;
            }

            if (common == other.Length && (common == parked.Length || parked.State.CanRewind(parked.Length, common)))
            {
                Remove(current, freed);
            }
        }

        return true;
    }

    /// <summary>Takes a sequence out of the pool.</summary>
    /// <param name="node">The sequence.</param>
    /// <param name="freed">Where it goes to be freed, unless somebody still reads it.</param>
    private void Remove(LinkedListNode<ParkedSequence> node, List<ParkedSequence> freed)
    {
        var sequence = node.Value;
        _parked.Remove(node);
        Interlocked.Add(ref _bytes, -sequence.Bytes);
        sequence.IsRemoved = true;
        if (sequence.Readers == 0)
        {
            freed.Add(sequence);
        }
    }
}
