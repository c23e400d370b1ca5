namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Pieces and added tokens with their ids.</summary>
internal sealed class TokenVocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly Dictionary<int, AddedToken> _addedById;
    private readonly Dictionary<string, int> _addedIds;
    private readonly string?[] _pieces;

    public TokenVocabulary(Dictionary<string, int> ids, IReadOnlyList<AddedToken> addedTokens)
    {
        _ids = ids;
        _idsBySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _addedById = [];
        _addedIds = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in addedTokens)
        {
            _addedById[token.Id] = token;
            _addedIds[token.Content] = token.Id;
        }

        _pieces = new string?[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach (var (piece, id) in ids)
        {
            _pieces[id] = piece;
        }

        Size = Math.Max(_pieces.Length, _addedById.Count == 0 ? 0 : _addedById.Keys.Max() + 1);
    }

    /// <summary>One more than the largest id.</summary>
    public int Size { get; }

    public int? IdOf(ReadOnlySpan<char> piece) => _idsBySpan.TryGetValue(piece, out var id) ? id : null;

    /// <summary>The id of a piece that ordinary text may become: never that of an added token with control meaning.</summary>
    public int? OrdinaryIdOf(ReadOnlySpan<char> piece) =>
        _idsBySpan.TryGetValue(piece, out var id) && IsOrdinary(id) ? id : null;

    public bool IsOrdinary(int id) => !_addedById.TryGetValue(id, out var added) || added.IsWhitespace;

    public int? AddedIdOf(string content) => _addedIds.TryGetValue(content, out var id) ? id : null;

    public AddedToken? AddedTokenOf(int id) => _addedById.GetValueOrDefault(id);

    public string? PieceOf(int id) => id < _pieces.Length ? _pieces[id] : null;
}
