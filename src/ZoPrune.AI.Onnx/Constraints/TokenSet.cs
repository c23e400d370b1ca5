using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>A set of token ids: a list if there are few, else bits. Immutable.</summary>
internal sealed class TokenSet
{
    /// <summary>A list of ids takes less room than bits below one in so many.</summary>
    private const int SparseBelow = 256;

    private readonly int[]? _ids;
    private readonly ulong[] _bits;

    private TokenSet(int[]? ids, ulong[] bits, int count)
    {
        (_ids, _bits, Count) = (ids, bits, count);
    }

    public int Count { get; }

    public long Bytes => 64 + (_ids is null ? _bits.Length * 8L : _ids.Length * 4L);

    public static int WordsFor(int size) => (size + 63) >> 6;

    /// <summary>Copies bits.</summary>
    public static TokenSet Of(ReadOnlySpan<ulong> bits)
    {
        var count = 0;
        foreach (var word in bits)
        {
            count += BitOperations.PopCount(word);
        }

        if (count >= bits.Length * 64 / SparseBelow)
        {
            return new TokenSet(null, bits.ToArray(), count);
        }

        var ids = new int[count];
        var next = 0;
        for (var i = 0; i < bits.Length; i++)
        {
            for (var word = bits[i]; word != 0; word &= word - 1)
            {
                ids[next++] = (i << 6) + BitOperations.TrailingZeroCount(word);
            }
        }

        return new TokenSet(ids, [], count);
    }

    public bool Contains(int id) => _ids is not null
        ? Array.BinarySearch(_ids, id) >= 0
        : id >> 6 < _bits.Length && ((_bits[id >> 6] >> (id & 63)) & 1) != 0;

    /// <summary>The ids that are in a list, too.</summary>
    public IEnumerable<int> Intersect(int[] sorted) => _ids is not null && _ids.Length < sorted.Length
        ? _ids.Where(id => Array.BinarySearch(sorted, id) >= 0)
        : sorted.Where(Contains);

    /// <summary>Adds the set to bits.</summary>
    public void AddTo(Span<ulong> bits)
    {
        if (_ids is null)
        {
            for (var i = 0; i < _bits.Length; i++)
            {
                bits[i] |= _bits[i];
            }

            return;
        }

        foreach (var id in _ids)
        {
            bits[id >> 6] |= 1UL << (id & 63);
        }
    }

    /// <summary>Writes -infinity over the logits of all other ids.</summary>
    public void Mask(Span<float> logits)
    {
        if (_ids is null)
        {
            MaskByBits(logits);
            return;
        }

        Span<float> kept = _ids.Length <= 1024 ? stackalloc float[_ids.Length] : new float[_ids.Length];
        for (var i = 0; i < _ids.Length; i++)
        {
            kept[i] = _ids[i] < logits.Length ? logits[_ids[i]] : 0;
        }

        logits.Fill(float.NegativeInfinity);
        for (var i = 0; i < _ids.Length; i++)
        {
            if (_ids[i] < logits.Length)
            {
                logits[_ids[i]] = kept[i];
            }
        }
    }

    /// <summary>The ids, in rising order.</summary>
    public IEnumerable<int> Enumerate()
    {
        if (_ids is not null)
        {
            foreach (var id in _ids)
            {
                yield return id;
            }

            yield break;
        }

        for (var i = 0; i < _bits.Length; i++)
        {
            for (var word = _bits[i]; word != 0; word &= word - 1)
            {
                yield return (i << 6) + BitOperations.TrailingZeroCount(word);
            }
        }
    }

    private void MaskByBits(Span<float> logits)
    {
        var known = Math.Min(logits.Length, _bits.Length * 64);
        logits[known..].Fill(float.NegativeInfinity);
        var eights = MemoryMarshal.Cast<float, Vector256<float>>(logits[..known]);
        var bytes = MemoryMarshal.AsBytes<ulong>(_bits);
        var places = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        var never = Vector256.Create(float.NegativeInfinity);
        for (var i = 0; i < eights.Length; i++)
        {
            // The byte order within a word matters on big-endian machines only; .NET runs ONNX Runtime on none.
            var value = bytes[i];
            if (value == 0)
            {
                eights[i] = never;
            }
            else if (value != byte.MaxValue)
            {
                var isOut = Vector256.Equals(Vector256.Create((int)value) & places, Vector256<int>.Zero).AsSingle();
                eights[i] = Vector256.ConditionalSelect(isOut, never, eights[i]);
            }
        }

        for (var id = eights.Length * 8; id < known; id++)
        {
            if (!Contains(id))
            {
                logits[id] = float.NegativeInfinity;
            }
        }
    }
}
