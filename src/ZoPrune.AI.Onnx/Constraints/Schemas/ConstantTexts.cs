using System.Runtime.CompilerServices;
using System.Text;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>One of many texts, as a tree of their common beginnings: of thousands, few are still possible at any place.</summary>
internal static class ConstantTexts
{
    /// <exception cref="NotSupportedException">Too many of the texts are beginnings of others.</exception>
    public static GrammarNode OneOf(IEnumerable<string> texts)
    {
        byte[][] all = [.. texts.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];
        Array.Sort(all, static (x, y) => x.AsSpan().SequenceCompareTo(y));
        return Behind(all, 0);
    }

    /// <param name="texts">Texts in order, alike in what was read of them.</param>
    /// <param name="read">How many bytes were read.</param>
    private static GrammarNode Behind(ReadOnlySpan<byte[]> texts, int read)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new NotSupportedException("too many of the values are beginnings of one another.");
        }

        var first = texts[0];
        var common = first.AsSpan(read).CommonPrefixLength(texts[^1].AsSpan(read));
        var start = read;
        read += common;
        var options = new List<GrammarNode>();
        if (first.Length == read)
        {
            options.Add(GrammarNode.Nothing);
            texts = texts[1..];
        }

        while (!texts.IsEmpty)
        {
            var count = 1;
            while (count < texts.Length && texts[count][read] == texts[0][read])
            {
                count++;
            }

            options.Add(Behind(texts[..count], read));
            texts = texts[count..];
        }

        var bytes = first[start..read].Select(GrammarNode (b) => new BytesNode(ByteSet.Of(b)));
        return GrammarNode.Sequence([.. bytes, options.Count == 1 ? options[0] : GrammarNode.AnyOf(options)]);
    }
}
