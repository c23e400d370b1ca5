using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>SentencePiece's <c>precompiled_charsmap</c>: a double array trie of what to replace, and the replacements.</summary>
/// <remarks>As <c>spm_precompiled</c> applies it: to a grapheme of less than 6 bytes, else to each of its characters; the shortest entry
/// found counts.</remarks>
internal sealed class CharsMapNormalizer : OriginNormalizer
{
    private readonly uint[] _trie;
    private readonly byte[] _replacements;

    /// <param name="map">The decoded bytes.</param>
    /// <exception cref="ArgumentException">They are too short.</exception>
    public CharsMapNormalizer(ReadOnlySpan<byte> map)
    {
        var size = map.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(map) : uint.MaxValue;
        if (size > map.Length - 4 || size % 4 != 0)
        {
            throw new ArgumentException("'precompiled_charsmap' is shorter than it says.");
        }

        _trie = new uint[size / 4];
        for (var i = 0; i < _trie.Length; i++)
        {
            _trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[(4 + (4 * i))..]);
        }

        _replacements = map[(4 + (int)size)..].ToArray();
    }

    public override OriginText Normalize(OriginText text)
    {
        var result = new OriginTextBuilder();
        for (var position = 0; position < text.Text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text.Text, position);
            if (Encoding.UTF8.GetByteCount(text.Text.AsSpan(position, length)) < 6 && Find(text.Text.AsSpan(position, length)) is { } whole)
            {
                result.Append(whole, text.OriginOf(position, length));
                position += length;
                continue;
            }

            for (var end = position + length; position < end;)
            {
                var units = Rune.GetRuneAt(text.Text, position).Utf16SequenceLength;
                if (text.Origins[position] != TextOrigin.Run && Find(text.Text.AsSpan(position, units)) is { } replacement)
                {
                    result.Append(replacement, text.OriginOf(position, units));
                }
                else
                {
                    result.Append(text, position, units);
                }

                position += units;
            }
        }

        return result.Take();
    }

    private string? Find(ReadOnlySpan<char> text)
    {
        if (_trie.Length == 0)
        {
            return null;
        }

        Span<byte> utf8 = stackalloc byte[16];
        if (Encoding.UTF8.GetByteCount(text) > utf8.Length)
        {
            return null;
        }

        // Darts-clone: units hold a label, an offset and a leaf flag; a leaf's value stands at the offset.
        var node = Offset(_trie[0]);
        foreach (var value in utf8[..Encoding.UTF8.GetBytes(text, utf8)])
        {
            node ^= value;
            if (value == 0 || node >= _trie.Length || (_trie[node] & 0x800000FF) != value)
            {
                return null;
            }

            var isLeaf = ((_trie[node] >> 8) & 1) == 1;
            node ^= Offset(_trie[node]);
            if (isLeaf && node < _trie.Length)
            {
                return Replacement((int)(_trie[node] & 0x7FFFFFFF));
            }
        }

        return null;
    }

    private string? Replacement(int start)
    {
        if (start >= _replacements.Length)
        {
            return null;
        }

        var length = _replacements.AsSpan(start).IndexOf((byte)0);
        return Encoding.UTF8.GetString(length < 0 ? _replacements.AsSpan(start) : _replacements.AsSpan(start, length));
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
