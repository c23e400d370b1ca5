using System.Runtime.InteropServices;
using ZoPrune.AI.Onnx.Language;

namespace ZoPrune.AI.Onnx;

/// <summary>
/// Sequences of one model that are not being written at the moment, with their KV caches: a prompt that begins like one of them is
/// computed from there on only. Bounded by bytes; what was not used for longest goes first. Thread-safe.
/// </summary>
/// <remarks>
/// Two tokens count as equal if their ids and positions are, and for visual tokens also the image (<see cref="VisualTokens.ContentId"/>)
/// and its row. A sequence that goes on where a parked one ends takes it over; one that branches off earlier gets a copy of what is shared.
/// Only what is parked counts against the bound: a sequence that is being written belongs to its call.
/// </remarks>
public sealed class SequencePool : IDisposable
{
    /// <summary>Prompts of one template begin alike; that much is not worth a copy.</summary>
    internal const int LeastPrefix = 8;

    /// <summary>
    /// A parked sequence is taken over if no more than one part in so many of what is shared is lost with it; otherwise it may be another
    /// conversation's, and a copy costs far less than computing either anew.
    /// </summary>
    private const int LargestLoss = 8;

    private readonly Lock _gate = new();
    private readonly LanguageModel _model;

    // The most recently used comes first.
    private readonly LinkedList<ParkedSequence> _parked = [];
    private long _bytes;
    private long _evictions;
    private bool _isDisposed;

    internal SequencePool(LanguageModel model, long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        _model = model;
        MaxBytes = maxBytes;
    }

    /// <summary>The most bytes that parked sequences take. 0: nothing is parked.</summary>
    public long MaxBytes { get; }

    /// <summary>The bytes that parked sequences take: what is allocated, not only what is filled.</summary>
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
    /// Why this pool never gives anything (<see cref="VisionLanguageModel.NoPrefixReuseReason"/>); <c>null</c> if it does, or as long as it
    /// has not been tried.
    /// </summary>
    public string? NoReuseReason => _model.IsPrefixReuseKnown ? _model.NoPrefixReuseReason : null;

    internal LanguageModel Model => _model;

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

    /// <summary>Gives the cache of the longest parked beginning of a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="most">The most tokens that are wanted: at least the last must be computed, for its logits.</param>
    /// <param name="capacity">Tokens that a copy should have room for.</param>
    /// <returns>A cache that belongs to the caller and the tokens in it; <c>null</c> if no parked sequence begins like the prompt.</returns>
    internal (KeyValueCache Cache, int Length)? Take(List<SequenceToken> prompt, int most, int capacity)
    {
        ParkedSequence source;
        int length;
        bool isTaken;
        while (true)
        {
            lock (_gate)
            {
                if (FindLongest(CollectionsMarshal.AsSpan(prompt), most, out length) is not { } node)
                {
                    return null;
                }

                if (_model.IsPrefixReuseKnown)
                {
                    source = node.Value;
                    isTaken = source.Readers == 0 && source.Length - length <= length / LargestLoss;
                    if (isTaken)
                    {
                        Remove(node, freed: null);
                    }
                    else
                    {
                        source.Readers++;
                        _parked.Remove(node);
                        _parked.AddFirst(node);
                    }

                    break;
                }
            }

            // Not under the lock: it runs the decoder.
            if (_model.NoPrefixReuseReason is not null)
            {
                Clear();
                return null;
            }
        }

        return isTaken ? (Rewound(source.Cache, length), length) : (Copied(source, length, capacity), length);
    }

    /// <summary>Takes in a sequence that is not written any more, with its cache.</summary>
    internal void Park(ReadOnlySpan<SequenceToken> tokens, KeyValueCache cache)
    {
        var parked = new ParkedSequence(tokens.ToArray(), cache);
        var freed = new List<ParkedSequence>();
        lock (_gate)
        {
            if (_isDisposed || parked.Bytes > MaxBytes || tokens.Length < LeastPrefix || !Supersede(parked, freed)
                || (_model.IsPrefixReuseKnown && _model.NoPrefixReuseReason is not null))
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

    private static KeyValueCache Rewound(KeyValueCache cache, int length)
    {
        try
        {
            cache.Rewind(length);
            return cache;
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    private static void Free(List<ParkedSequence> sequences) => sequences.ForEach(s => s.Cache.Dispose());

    private KeyValueCache Copied(ParkedSequence source, int length, int capacity)
    {
        try
        {
            return source.Cache.Copy(length, capacity);
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
                source.Cache.Dispose();
            }
        }
    }

    private LinkedListNode<ParkedSequence>? FindLongest(ReadOnlySpan<SequenceToken> prompt, int most, out int length)
    {
        LinkedListNode<ParkedSequence>? best = null;
        length = LeastPrefix - 1;
        for (var node = _parked.First; node is not null; node = node.Next)
        {
            // Of several that share as much, the one goes that loses least.
            var reusable = node.Value.ReusableFor(prompt, most);
            if (reusable > length || (reusable == length && best is not null && node.Value.Length < best.Value.Length))
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
            var common = parked.Tokens.AsSpan().CommonPrefixLength(other.Tokens);
            if (common == parked.Length && (other.Length == common || other.Cache.CanRewind(other.Length)))
            {
                _parked.Remove(current);
                _parked.AddFirst(current);
                return false;
            }

            if (common == other.Length && parked.Cache.CanRewind(parked.Length))
            {
                Remove(current, freed);
            }
        }

        return true;
    }

    /// <summary>Takes a sequence out of the pool.</summary>
    /// <param name="node">The sequence.</param>
    /// <param name="freed">Where it goes to be freed, unless somebody still reads it; <c>null</c>: its cache is wanted.</param>
    private void Remove(LinkedListNode<ParkedSequence> node, List<ParkedSequence>? freed)
    {
        var sequence = node.Value;
        _parked.Remove(node);
        Interlocked.Add(ref _bytes, -sequence.Bytes);
        sequence.IsRemoved = true;
        if (sequence.Readers == 0)
        {
            freed?.Add(sequence);
        }
    }
}
