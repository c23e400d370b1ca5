using System.Buffers;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Finds added tokens in text: the longest allowed one at a position, case-sensitive.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Node _root = new();
    private readonly SearchValues<char> _firstCharacters;

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        foreach (var token in tokens)
        {
            var node = _root;
            foreach (var character in token.Content)
            {
                if (!node.Children.TryGetValue(character, out var child))
                {
                    node.Children.Add(character, child = new Node());
                }

                node = child;
            }

            node.Token = token;
            LongestToken = Math.Max(LongestToken, token.Content.Length);
        }

        _firstCharacters = SearchValues.Create([.. _root.Children.Keys]);
    }

    /// <summary>The length of the longest token.</summary>
    public int LongestToken { get; }

    /// <summary>The next position at or behind <paramref name="start"/> where an added token may begin, or −1.</summary>
    public int NextCandidate(string text, int start)
    {
        var offset = text.AsSpan(start).IndexOfAny(_firstCharacters);
        return offset < 0 ? -1 : start + offset;
    }

    /// <summary>The longest added token at <paramref name="position"/>; one with control meaning must end by
    /// <paramref name="templateEnd"/>.</summary>
    public AddedToken? Match(string text, int position, int templateEnd)
    {
        AddedToken? longest = null;
        var node = _root;
        for (var i = position; i < text.Length && node.Children.TryGetValue(text[i], out var child); i++)
        {
            node = child;
            if (node.Token is { } token && (token.IsWhitespace || i < templateEnd))
            {
                longest = token;
            }
        }

        return longest;
    }

    private sealed class Node
    {
        public Dictionary<char, Node> Children { get; } = [];

        public AddedToken? Token { get; set; }
    }
}
