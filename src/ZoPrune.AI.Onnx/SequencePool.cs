using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Language;

namespace ZoPrune.AI.Onnx;

/// <summary>
/// Sequences of one model that are not being written at the moment, with their KV caches: a prompt that begins like one of them is
/// computed from there on only. Bounded by bytes; what was not used for longest goes first. Thread-safe.
/// </summary>
/// <remarks>
/// Two tokens count as equal if their ids and positions are, and for visual tokens also the image (<see cref="VisualTokens.ContentId"/>)
/// and its row. A prompt gets a copy of what it shares, so that any number of prompts can go on from one beginning at once. A sequence
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

    internal SequencePool(LanguageModel model, long maxBytes)
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

    internal LanguageModel Model { get; }

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

    /// <summary>Gives a copy of the cache of the longest parked beginning of a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="most">The most tokens that are wanted: at least the last must be computed, for its logits.</param>
    /// <param name="capacity">Tokens that the copy should have room for.</param>
    /// <returns>A cache that belongs to the caller and the tokens in it; <c>null</c> if no parked sequence begins like the prompt.</returns>
    internal (KeyValueCache Cache, int Length)? Take(List<SequenceToken> prompt, int most, int capacity)
    {
        ParkedSequence source;
        int length;
        lock (_gate)
        {
            if (FindLongest(CollectionsMarshal.AsSpan(prompt), most, out length) is not { } node)
            {
                return null;
            }

            source = node.Value;
            source.Readers++;
            _parked.Remove(node);
            _parked.AddFirst(node);
        }

        try
        {
            return (source.Cache.Copy(length, capacity), length);
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

    /// <summary>Takes in a sequence that is not written any more, with its cache.</summary>
    internal void Park(ReadOnlySpan<SequenceToken> tokens, KeyValueCache cache)
    {
        var length = Math.Min(tokens.Length, LongestThatFits(cache));
        if (length < tokens.Length)
        {
            Interlocked.Increment(ref _oversized);
        }

        if (length < LeastPrefix || (length < tokens.Length && !cache.CanRewind(tokens.Length)) || !Trim(cache, length))
        {
            cache.Dispose();
            return;
        }

        var parked = new ParkedSequence(tokens[..length].ToArray(), cache);
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

    private int LongestThatFits(KeyValueCache cache) =>
        (int)Math.Clamp((MaxBytes - cache.FixedBytes) / (cache.BytesPerToken + ParkedSequence.BytesPerToken), 0, int.MaxValue);

    private static bool Trim(KeyValueCache cache, int length)
    {
        try
        {
            cache.Trim(length);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            // No memory for the smaller buffers: the answer is there, and only what follows takes longer.
            return false;
        }
    }

    private static void Free(List<ParkedSequence> sequences) => sequences.ForEach(s => s.Cache.Dispose());

    private LinkedListNode<ParkedSequence>? FindLongest(ReadOnlySpan<SequenceToken> prompt, int most, out int length)
    {
        LinkedListNode<ParkedSequence>? best = null;
        length = LeastPrefix - 1;
        for (var node = _parked.First; node is not null; node = node.Next)
        {
            var reusable = node.Value.ReusableFor(prompt, most);
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
