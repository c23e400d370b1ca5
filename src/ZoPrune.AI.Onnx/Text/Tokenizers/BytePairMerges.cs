namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Byte-pair encoding (Sennrich, Haddow, Birch 2016): merges adjacent symbols in the order of the merge table.</summary>
/// <remarks>
/// Own merge loop, because <c>Microsoft.ML.Tokenizers.BpeTokenizer</c> has neither byte fallback nor a way to keep control tokens out of
/// the results of ordinary text. A heap over pairs keeps it at O(n log n). GenAI merges all pairs of the lowest rank in one pass, Hugging
/// Face one pair at a time (<paramref name="oneByOne"/>); they differ where a merge makes a pair of lower rank.
/// </remarks>
internal sealed class BytePairMerges(Dictionary<long, (int Rank, int Id)> merges, bool oneByOne = false)
{
    public static long KeyOf(int left, int right) => ((long)left << 32) | (uint)right;

    /// <summary>Merges <see cref="MergeWorkspace.Symbols"/> in place.</summary>
    public void Apply(MergeWorkspace workspace)
    {
        var symbols = workspace.Symbols;
        if (symbols.Count < 2)
        {
            return;
        }

        workspace.Link();
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            Offer(workspace, i);
        }

        while (workspace.Pairs.TryPeek(out _, out var lowest))
        {
            if (oneByOne)
            {
                var (position, left, right) = workspace.Pairs.Dequeue();
                MergeIfSame(workspace, position, left, right);
                continue;
            }

            workspace.Pass.Clear();
            while (workspace.Pairs.TryPeek(out var pair, out var priority) && priority >> 32 == lowest >> 32)
            {
                workspace.Pass.Add(pair);
                workspace.Pairs.Dequeue();
            }

            foreach (var pair in workspace.Pass)
            {
                Merge(workspace, pair.Position, pair.Left, pair.Right);
            }
        }

        Compact(workspace);
    }

    private void Offer(MergeWorkspace workspace, int position)
    {
        var next = workspace.Next[position];
        if (next < 0)
        {
            return;
        }

        var (left, right) = (workspace.Symbols[position], workspace.Symbols[next]);
        if (merges.TryGetValue(KeyOf(left, right), out var merge))
        {
            workspace.Pairs.Enqueue((position, left, right), ((long)merge.Rank << 32) | (uint)position);
        }
    }

    // A pair that has changed is still merged if what stands there now merges to the same piece.
    private void MergeIfSame(MergeWorkspace workspace, int position, int left, int right)
    {
        var next = workspace.Next[position];
        if (workspace.Symbols[position] < 0 || next < 0)
        {
            return;
        }

        var (leftNow, rightNow) = (workspace.Symbols[position], workspace.Symbols[next]);
        if (merges.TryGetValue(KeyOf(leftNow, rightNow), out var now) && now.Id == merges[KeyOf(left, right)].Id)
        {
            Merge(workspace, position, leftNow, rightNow);
        }
    }

    private void Merge(MergeWorkspace workspace, int position, int left, int right)
    {
        // A pair may be gone: one of its symbols was merged with the other neighbour. Dead symbols are −1.
        var symbols = workspace.Symbols;
        var next = workspace.Next[position];
        if (symbols[position] != left || next < 0 || symbols[next] != right)
        {
            return;
        }

        symbols[position] = merges[KeyOf(left, right)].Id;
        symbols[next] = -1;
        var afterNext = workspace.Next[next];
        workspace.Next[position] = afterNext;
        if (afterNext >= 0)
        {
            workspace.Previous[afterNext] = position;
        }

        Offer(workspace, position);
        if (workspace.Previous[position] >= 0)
        {
            Offer(workspace, workspace.Previous[position]);
        }
    }

    private static void Compact(MergeWorkspace workspace)
    {
        var symbols = workspace.Symbols;
        var count = 0;
        for (var i = 0; i >= 0; i = workspace.Next[i])
        {
            symbols[count++] = symbols[i];
        }

        symbols.RemoveRange(count, symbols.Count - count);
    }
}
