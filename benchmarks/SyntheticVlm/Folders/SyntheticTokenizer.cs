using System.Text.Json.Nodes;

namespace ZoPrune.AI.SyntheticVlm.Folders;

/// <summary>
/// A byte-level BPE tokenizer of any size without a corpus: all bytes, then pairs and triples of small letters, with a blank before them
/// and without. Text becomes some two to three letters a token.
/// </summary>
internal static class SyntheticTokenizer
{
    private const int Letters = 26;

    /// <summary>Byte-level BPE writes a blank as this letter.</summary>
    private const string Blank = "\u0120";

    /// <summary>The content of <c>tokenizer.json</c>.</summary>
    /// <param name="special">Control tokens, which get the first ids.</param>
    /// <param name="vocabulary">How many tokens there are in all.</param>
    /// <param name="expression">The regular expression that cuts text into words.</param>
    /// <exception cref="ArgumentOutOfRangeException">More tokens than there are such pairs and triples.</exception>
    public static JsonObject Create(IReadOnlyList<string> special, int vocabulary, string expression)
    {
        var ids = new JsonObject();
        var added = new JsonArray();
        foreach (var token in special)
        {
            added.Add(new JsonObject
            {
                ["id"] = ids.Count,
                ["content"] = token,
                ["single_word"] = false,
                ["lstrip"] = false,
                ["rstrip"] = false,
                ["normalized"] = false,
                ["special"] = true,
            });
            ids.Add(token, ids.Count);
        }

        foreach (var letter in ByteLetters())
        {
            ids.Add(letter, ids.Count);
        }

        var merges = new JsonArray();
        foreach (var (first, second) in Merges())
        {
            if (ids.Count == vocabulary)
            {
                break;
            }

            ids.Add(first + second, ids.Count);
            merges.Add(new JsonArray(first, second));
        }

        if (ids.Count != vocabulary)
        {
            throw new ArgumentOutOfRangeException(nameof(vocabulary), vocabulary, $"A synthetic tokenizer has at most {ids.Count} tokens.");
        }

        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = added,
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "Split",
                        ["pattern"] = new JsonObject { ["Regex"] = expression },
                        ["behavior"] = "Isolated",
                        ["invert"] = false,
                    },
                    ByteLevel(isDecoder: false)),
            },
            ["post_processor"] = null,
            ["decoder"] = ByteLevel(isDecoder: true),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = ids,
                ["merges"] = merges,
            },
        };
    }

    private static JsonObject ByteLevel(bool isDecoder) => new()
    {
        ["type"] = "ByteLevel", ["add_prefix_space"] = isDecoder, ["trim_offsets"] = isDecoder, ["use_regex"] = isDecoder,
    };

    /// <summary>The letters that stand for the 256 bytes: printable ones for themselves, the others from U+0100 on.</summary>
    private static IEnumerable<string> ByteLetters()
    {
        var next = 0x100;
        for (var b = 0; b < 256; b++)
        {
            yield return ((char)(b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? b : next++)).ToString();
        }
    }

    /// <summary>Pairs before triples, so that every token can be reached.</summary>
    private static IEnumerable<(string First, string Second)> Merges()
    {
        var letters = Enumerable.Range(0, Letters).Select(i => ((char)('a' + i)).ToString()).ToArray();
        var pairs = letters.SelectMany(_ => letters, (a, b) => (First: a, Second: b)).ToArray();
        return pairs
            .Concat(letters.Select(a => (Blank, a)))
            .Concat(pairs.Select(p => (Blank, p.First + p.Second)))
            .Concat(pairs.SelectMany(_ => letters, (p, c) => (p.First + p.Second, c)))
            .Concat(pairs.SelectMany(_ => letters, (p, c) => (Blank + p.First + p.Second, c)));
    }
}
