using System.Diagnostics.CodeAnalysis;

namespace ZoPrune.AI.Caching;

/// <summary>Keeps values up to a total size; what was not used for longest goes first. Not thread-safe.</summary>
/// <param name="limit">The most that the values together may take.</param>
/// <param name="sizeOf">What a value takes; always the same for one value.</param>
internal sealed class RecentlyUsed<TKey, TValue>(long limit, Func<TValue, long> sizeOf)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _nodes = [];

    // The most recently used comes first.
    private readonly LinkedList<(TKey Key, TValue Value)> _order = [];

    /// <summary>What the values take together.</summary>
    public long Size { get; private set; }

    public int Count => _order.Count;

    /// <summary>How many values had to go, so far, to make room for others.</summary>
    public long Evictions { get; private set; }

    /// <summary>Finds a value, which counts as used.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        value = default;
        if (!_nodes.TryGetValue(key, out var node))
        {
            return false;
        }

        _order.Remove(node);
        _order.AddFirst(node);
        value = node.Value.Value;
        return true;
    }

    /// <summary>Puts a value in the place of another of its key, if there is one. A value above the limit is not kept.</summary>
    public void Set(TKey key, TValue value)
    {
        if (_nodes.TryGetValue(key, out var old))
        {
            Remove(old);
        }

        var size = sizeOf(value);
        if (size > limit)
        {
            return;
        }

        while (Size + size > limit)
        {
            Remove(_order.Last!);
            Evictions++;
        }

        Size += size;
        _nodes[key] = _order.AddFirst((key, value));
    }

    public void Clear()
    {
        _nodes.Clear();
        _order.Clear();
        Size = 0;
    }

    private void Remove(LinkedListNode<(TKey Key, TValue Value)> node)
    {
        _order.Remove(node);
        _nodes.Remove(node.Value.Key);
        Size -= sizeOf(node.Value.Value);
    }
}
