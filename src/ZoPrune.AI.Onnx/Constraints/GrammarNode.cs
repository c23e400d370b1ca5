using System.Text;

namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>A grammar as a tree whose parts may be shared: what a user composes, before it meets a tokenizer.</summary>
internal abstract class GrammarNode
{
    public static GrammarNode Nothing { get; } = new SequenceNode([]);

    /// <summary>A text, byte by byte.</summary>
    public static GrammarNode Literal(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length == 1
            ? new BytesNode(ByteSet.Of(bytes[0]))
            : new SequenceNode([.. bytes.Select(b => new BytesNode(ByteSet.Of(b)))]);
    }

    public static GrammarNode Sequence(params IEnumerable<GrammarNode> items) => new SequenceNode([.. items]);

    public static GrammarNode AnyOf(params IEnumerable<GrammarNode> options) => new ChoiceNode([.. options]);

    public static GrammarNode Repeat(GrammarNode item, int min, int? max) => new RepetitionNode(item, min, max);

    public static GrammarNode Optional(GrammarNode item) => new RepetitionNode(item, 0, 1);

    /// <summary>A part that is called: masks of tokens are kept for what is left of it, whatever follows behind it.</summary>
    public static GrammarNode Rule(GrammarNode body) => new RuleNode(body);
}
