using System.Text;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>What the tokens of one tokenizer spell, arranged for masks. Made once for a model; immutable.</summary>
/// <remarks>
/// Most tokens are nothing but characters that a JSON string holds as they are. Inside a string they are allowed or not by their number of
/// characters alone, so only the others have to be looked at there.
/// </remarks>
internal sealed class TokenTable
{
    /// <summary>Tokens of more characters than this are not kept by their number of characters.</summary>
    private const int MostCharacters = 32;

    private readonly byte[]?[] _bytes;
    private readonly Func<string, int?> _addedIdOf;
    private readonly ulong[][] _plain = new ulong[MostCharacters + 1][];
    private readonly ByteSet _singles;
    private readonly int[][] _withQuotes;

    /// <param name="bytes">What each id adds to a text, by id; null for ids that text cannot consist of.</param>
    /// <param name="addedIdOf">The ids of added tokens by their content.</param>
    /// <param name="ends">The ids that end an answer.</param>
    public TokenTable(byte[]?[] bytes, Func<string, int?> addedIdOf, IReadOnlyList<int> ends)
    {
        _bytes = bytes;
        _addedIdOf = addedIdOf;
        Ends = [.. ends.Where(id => id >= 0).Distinct()];
        Size = Math.Max(bytes.Length, Ends.Length == 0 ? 0 : Ends.Max() + 1);
        var all = new List<(int, byte[])>();
        var special = new List<(int, byte[])>();
        var withQuotes = new List<int>[2];
        for (var i = 0; i < withQuotes.Length; i++)
        {
            withQuotes[i] = [];
        }

        for (var k = 0; k <= MostCharacters; k++)
        {
            _plain[k] = new ulong[TokenSet.WordsFor(Size)];
        }

        for (var id = 0; id < bytes.Length; id++)
        {
            if (bytes[id] is not { Length: > 0 } text || Ends.Contains(id))
            {
                bytes[id] = null;
                continue;
            }

            all.Add((id, text));
            if (text.Length == 1)
            {
                _singles |= ByteSet.Of(text[0]);
            }

            for (var i = 0; i < withQuotes.Length && text.AsSpan().Count((byte)'"') >= i + 2; i++)
            {
                withQuotes[i].Add(id);
            }

            if (PlainCharacters(text) is <= MostCharacters and var characters)
            {
                _plain[characters][id >> 6] |= 1UL << (id & 63);
            }
            else
            {
                special.Add((id, text));
            }
        }

        for (var k = 1; k <= MostCharacters; k++)
        {
            for (var i = 0; i < _plain[k].Length; i++)
            {
                _plain[k][i] |= _plain[k - 1][i];
            }
        }

        All = new TokenTrie(all);
        Special = new TokenTrie(special);
        _withQuotes = [.. withQuotes.Select(list => list.ToArray())];
    }

    /// <summary>One more than the largest id.</summary>
    public int Size { get; }

    /// <summary>The ids that end an answer.</summary>
    public int[] Ends { get; }

    /// <summary>All tokens that text can consist of.</summary>
    public TokenTrie All { get; }

    /// <summary>Those of them that are not in <see cref="PlainUpTo"/>.</summary>
    public TokenTrie Special { get; }

    public static TokenTable Create(TextTokenizer tokenizer, IReadOnlyList<int> ends)
    {
        var bytes = new byte[]?[tokenizer.VocabularySize];
        for (var id = 0; id < bytes.Length; id++)
        {
            bytes[id] = tokenizer.TextBytesOf(id);
        }

        return new TokenTable(bytes, tokenizer.AddedIdOf, ends);
    }

    public int? AddedIdOf(string content) => _addedIdOf(content);

    public byte[]? BytesOf(int id) => (uint)id < (uint)_bytes.Length ? _bytes[id] : null;

    public bool HasSingleByte(ByteSet bytes) => !(bytes & _singles).IsEmpty;

    /// <summary>
    /// The tokens of at most so many characters that a JSON string holds as they are, as bits by id. Not to be changed.
    /// </summary>
    public ulong[] PlainUpTo(int characters) => _plain[Math.Min(characters, MostCharacters)];

    /// <summary>The tokens with at least so many quotes, 2 or 3, in rising order.</summary>
    public int[] WithQuotes(int count) => _withQuotes[count - 2];

    /// <summary>
    /// How many characters the text has if a JSON string holds all of them as they are; <see cref="int.MaxValue"/> if not.
    /// </summary>
    private static int PlainCharacters(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out var rune, out var length) != System.Buffers.OperationStatus.Done
                || rune.Value is < ' ' or '"' or '\\')
            {
                return int.MaxValue;
            }

            text = text[length..];
            count++;
        }

        return count;
    }
}
