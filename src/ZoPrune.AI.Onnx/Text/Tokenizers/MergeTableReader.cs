using System.Text.Json;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Reads <c>model.merges</c>, in either form: <c>"a b"</c> or <c>["a", "b"]</c>, as ONNX Runtime GenAI does.</summary>
internal static class MergeTableReader
{
    public static BytePairMerges Read(JsonElement model, TokenVocabulary vocabulary, string path)
    {
        var list = JsonFile.Required(model, "merges", JsonValueKind.Array, path);
        var merges = new Dictionary<long, (int Rank, int Id)>(list.GetArrayLength());
        var rank = 0;
        foreach (var entry in list.EnumerateArray())
        {
            // GenAI takes carriage returns out of merges in the first form: such a merge is lost, or re-ranks another one.
            if (entry.ValueKind == JsonValueKind.String && entry.GetString()!.Contains('\r', StringComparison.Ordinal))
            {
                AddWithoutCarriageReturns(entry.GetString()!, rank++, vocabulary, merges);
                continue;
            }

            var (left, right) = Pair(entry, rank, path);
            var leftId = IdOf(left, rank, vocabulary, path);
            var rightId = IdOf(right, rank, vocabulary, path);
            var id = IdOf(left + right, rank, vocabulary, path);

            // Ordinary text must not merge into a control token.
            if (vocabulary.IsOrdinary(id))
            {
                merges[BytePairMerges.KeyOf(leftId, rightId)] = (rank, id);
            }

            rank++;
        }

        return new BytePairMerges(merges);
    }

    /// <summary>The table as Hugging Face reads it.</summary>
    /// <param name="model">The <c>model</c> section.</param>
    /// <param name="vocabulary">The pieces.</param>
    /// <param name="prefix">What a right piece begins with that the merged piece does not keep (<c>continuing_subword_prefix</c>).</param>
    /// <param name="path">The file.</param>
    public static BytePairMerges ReadHuggingFace(JsonElement model, TokenVocabulary vocabulary, string prefix, string path)
    {
        var list = JsonFile.Required(model, "merges", JsonValueKind.Array, path);
        var merges = new Dictionary<long, (int Rank, int Id)>(list.GetArrayLength());
        var rank = 0;
        foreach (var entry in list.EnumerateArray())
        {
            var (left, right) = Pair(entry, rank, path);
            var key = BytePairMerges.KeyOf(IdOf(left, rank, vocabulary, path), IdOf(right, rank, vocabulary, path));
            var rest = right.StartsWith(prefix, StringComparison.Ordinal) ? right[prefix.Length..] : right;
            var id = IdOf(left + rest, rank, vocabulary, path);

            // Ordinary text must not merge into a control token.
            if (vocabulary.IsOrdinary(id))
            {
                merges[key] = (rank, id);
            }

            rank++;
        }

        return new BytePairMerges(merges, oneByOne: true);
    }

    private static void AddWithoutCarriageReturns(
        string merge, int rank, TokenVocabulary vocabulary, Dictionary<long, (int Rank, int Id)> merges)
    {
        var parts = merge.Replace("\r", "", StringComparison.Ordinal).Split(' ', 2);
        if (parts.Length == 2 && vocabulary.IdOf(parts[0]) is { } left && vocabulary.IdOf(parts[1]) is { } right
            && vocabulary.OrdinaryIdOf(parts[0] + parts[1]) is { } id)
        {
            merges[BytePairMerges.KeyOf(left, right)] = (rank, id);
        }
    }

    private static (string Left, string Right) Pair(JsonElement entry, int rank, string path)
    {
        if (entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() == 2)
        {
            return (entry[0].GetString() ?? "", entry[1].GetString() ?? "");
        }

        var text = entry.ValueKind == JsonValueKind.String ? entry.GetString()! : "";
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && space == text.LastIndexOf(' ') && space < text.Length - 1
            ? (text[..space], text[(space + 1)..])
            : throw new TokenizerFormatException(path, $"merge {rank} is {entry.GetRawText()}, not a pair of pieces.");
    }

    private static int IdOf(string piece, int rank, TokenVocabulary vocabulary, string path) =>
        vocabulary.IdOf(piece)
        ?? throw new TokenizerFormatException(path, $"merge {rank} uses the piece '{piece}', which the vocabulary does not have.");
}
