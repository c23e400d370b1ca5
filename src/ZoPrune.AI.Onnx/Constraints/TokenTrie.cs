namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>The bytes of tokens as a tree in flat arrays: nodes in depth-first order, children in the order of their bytes.</summary>
internal sealed class TokenTrie
{
    /// <summary>The root, which has no place in the arrays.</summary>
    public const int Root = -1;

    private readonly byte[] _labels;
    private readonly ushort[] _depths;
    private readonly int[] _ends;
    private readonly int[] _tokenStarts;
    private readonly int[] _tokens;

    /// <param name="tokens">Ids with their bytes, at least one byte each, in any order.</param>
    public TokenTrie(IEnumerable<(int Id, byte[] Bytes)> tokens)
    {
        var sorted = tokens.ToArray();
        Array.Sort(sorted, (x, y) => x.Bytes.AsSpan().SequenceCompareTo(y.Bytes) is not 0 and var order ? order : x.Id.CompareTo(y.Id));
        var labels = new List<byte>();
        var depths = new List<ushort>();
        var ends = new List<int>();
        var starts = new List<int>();
        var ids = new List<int>(sorted.Length);
        var path = new List<int>();
        byte[] last = [];
        foreach (var (id, bytes) in sorted)
        {
            var common = last.AsSpan().CommonPrefixLength(bytes);
            Close(common);
            for (var i = common; i < bytes.Length; i++)
            {
                path.Add(labels.Count);
                labels.Add(bytes[i]);
                depths.Add((ushort)(i + 1));
                ends.Add(0);
                starts.Add(ids.Count);
            }

            ids.Add(id);
            last = bytes;
        }

        Close(0);
        starts.Add(ids.Count);
        (_labels, _depths, _ends, _tokenStarts, _tokens) = ([.. labels], [.. depths], [.. ends], [.. starts], [.. ids]);
        Depth = _depths.Length == 0 ? 0 : _depths.Max();

        void Close(int depth)
        {
            for (var i = path.Count - 1; i >= depth; i--)
            {
                ends[path[i]] = labels.Count;
            }

            path.RemoveRange(depth, path.Count - depth);
        }
    }

    public int Count => _labels.Length;

    /// <summary>The bytes of the longest token.</summary>
    public int Depth { get; }

    public ReadOnlySpan<byte> Labels => _labels;

    /// <summary>How many bytes lead to each node.</summary>
    public ReadOnlySpan<ushort> Depths => _depths;

    /// <summary>The number behind the last descendant of each node.</summary>
    public ReadOnlySpan<int> Ends => _ends;

    public ReadOnlySpan<int> TokensAt(int node) => _tokens.AsSpan(_tokenStarts[node].._tokenStarts[node + 1]);

    public bool HasChildren(int node) => _ends[node] > node + 1;

    public int EndOf(int node) => node == Root ? Count : _ends[node];

    public int DepthOf(int node) => node == Root ? 0 : _depths[node];

    /// <summary>The tokens that begin with some bytes.</summary>
    public ReadOnlySpan<int> TokensFrom(ReadOnlySpan<byte> bytes)
    {
        var node = Root;
        foreach (var value in bytes)
        {
            node = Child(node, value);
            if (node < 0)
            {
                return [];
            }
        }

        return _tokens.AsSpan(_tokenStarts[node].._tokenStarts[_ends[node]]);
    }

    /// <summary>The child along a byte, or -2.</summary>
    public int Child(int node, byte label)
    {
        var end = EndOf(node);
        for (var child = node + 1; child < end; child = _ends[child])
        {
            if (_labels[child] == label)
            {
                return child;
            }
        }

        return -2;
    }
}
