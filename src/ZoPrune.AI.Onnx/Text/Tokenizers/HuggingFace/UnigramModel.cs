using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary><c>Unigram</c>: the pieces with the largest sum of scores (Viterbi).</summary>
internal sealed class UnigramModel : TokenModel
{
    /// <summary>How much worse than the worst piece an unknown character is (SentencePiece's <c>kUnkPenalty</c>).</summary>
    private const double UnknownPenalty = 10;

    private readonly string[] _pieces;
    private readonly int[] _ids;
    private readonly double[] _scores;
    private readonly int[]? _byteIds;
    private readonly int? _unknownId;
    private readonly double _unknownScore;

    /// <param name="pieces">Pieces that ordinary text may become, with id and score.</param>
    /// <param name="lowestScore">The lowest score of the whole vocabulary.</param>
    /// <param name="byteIds">The ids of the 256 byte pieces, or null.</param>
    /// <param name="unknownId">What a character without a piece becomes.</param>
    public UnigramModel(List<(string Piece, int Id, double Score)> pieces, double lowestScore, int[]? byteIds, int? unknownId)
    {
        pieces.Sort((a, b) => string.CompareOrdinal(a.Piece, b.Piece));
        _pieces = [.. pieces.Select(entry => entry.Piece)];
        _ids = [.. pieces.Select(entry => entry.Id)];
        _scores = [.. pieces.Select(entry => entry.Score)];
        _byteIds = byteIds;
        _unknownId = unknownId;
        _unknownScore = lowestScore - UnknownPenalty;
    }

    public override void Tokenize(string text, List<int> ids, MergeWorkspace workspace)
    {
        // For each end: the best sum, where its last piece starts, and which piece that is (-1: unknown).
        var best = new (double Score, int Start, int Piece)[text.Length + 1];
        Array.Fill(best, (0, -1, -1));
        for (var start = 0; start < text.Length;)
        {
            var length = Rune.GetRuneAt(text, start).Utf16SequenceLength;
            Extend(text, start, length, best);
            start += length;
        }

        Emit(text, best, ids);
    }

    private void Extend(string text, int start, int length, (double Score, int Start, int Piece)[] best)
    {
        var isKnown = false;
        var (low, high) = (0, _pieces.Length);
        for (var end = start + 1; end <= text.Length; end++)
        {
            (low, high) = Narrow(low, high, end - start - 1, text[end - 1]);
            if (low == high)
            {
                break;
            }

            if (_pieces[low].Length == end - start)
            {
                Offer(best, start, end, low, _scores[low]);
                isKnown |= end - start == length;
            }
        }

        if (!isKnown)
        {
            Offer(best, start, start + length, -1, _unknownScore);
        }
    }

    // The pieces among low..high whose unit at the index is the given one; they are sorted.
    private (int Low, int High) Narrow(int low, int high, int index, char unit)
    {
        int Bound(int from, Func<char, bool> isBefore)
        {
            var (a, b) = (from, high);
            while (a < b)
            {
                var middle = (a + b) / 2;
                (a, b) = _pieces[middle].Length <= index || isBefore(_pieces[middle][index]) ? (middle + 1, b) : (a, middle);
            }

            return a;
        }

        var first = Bound(low, c => c < unit);
        return (first, Bound(first, c => c <= unit));
    }

    private static void Offer((double Score, int Start, int Piece)[] best, int start, int end, int piece, double score)
    {
        var sum = best[start].Score + score;
        if (best[end].Start < 0 || sum > best[end].Score)
        {
            best[end] = (sum, start, piece);
        }
    }

    private void Emit(string text, (double Score, int Start, int Piece)[] best, List<int> ids)
    {
        var path = new List<(int Start, int End, int Piece)>();
        for (var end = text.Length; end > 0; end = best[end].Start)
        {
            // Adjacent unknown characters are one.
            if (best[end].Piece < 0 && path.Count > 0 && path[^1].Piece < 0)
            {
                path[^1] = (best[end].Start, path[^1].End, -1);
            }
            else
            {
                path.Add((best[end].Start, end, best[end].Piece));
            }
        }

        path.Reverse();
        foreach (var (start, end, piece) in path)
        {
            if (piece >= 0)
            {
                ids.Add(_ids[piece]);
            }
            else if (_byteIds is not null)
            {
                ids.AddRange(Encoding.UTF8.GetBytes(text[start..end]).Select(value => _byteIds[value]));
            }
            else
            {
                ids.Add(_unknownId!.Value);
            }
        }
    }
}
