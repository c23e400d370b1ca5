namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>The parts of JSON's grammar that do not depend on a schema.</summary>
internal static class JsonText
{
    private const int Last = 0x10FFFF;

    public static GrammarNode Quote { get; } = GrammarNode.Literal("\"");

    /// <summary>A character that a string holds as it is.</summary>
    public static GrammarNode PlainCharacter { get; } = Utf8Class.Of([(' ', '!'), ('#', '['), (']', Last)]);

    /// <summary>A character of a string: as it is or escaped. A surrogate is only written with its partner.</summary>
    public static GrammarNode Character { get; } = CreateCharacter();

    /// <summary>
    /// A character of a key of the model's own choice. There is one way to write it, so that equal keys have equal bytes.
    /// </summary>
    public static GrammarNode KeyCharacter { get; } = GrammarNode.AnyOf(
        PlainCharacter, GrammarNode.Sequence(GrammarNode.Literal("\\"), Ascii("\"\\bfnrt")));

    /// <summary>Behind a comma or a colon.</summary>
    public static GrammarNode Space { get; } = GrammarNode.Optional(GrammarNode.Literal(" "));

    public static GrammarNode Comma { get; } = GrammarNode.Sequence(GrammarNode.Literal(","), Space);

    public static GrammarNode Colon { get; } = GrammarNode.Sequence(GrammarNode.Literal(":"), Space);

    public static GrammarNode Boolean { get; } = GrammarNode.AnyOf(GrammarNode.Literal("true"), GrammarNode.Literal("false"));

    public static GrammarNode Null { get; } = GrammarNode.Literal("null");

    /// <summary>One of some ASCII characters.</summary>
    public static GrammarNode Ascii(string characters) =>
        new BytesNode(characters.Aggregate(default(ByteSet), (set, c) => set | ByteSet.Of((byte)c)));

    /// <summary>A string of so many characters.</summary>
    public static GrammarNode String(int min, int? max) =>
        GrammarNode.Rule(GrammarNode.Sequence(Quote, GrammarNode.Repeat(Character, min, max), Quote));

    private static GrammarNode CreateCharacter()
    {
        var hex = Ascii("0123456789abcdefABCDEF");
        var notD = Ascii("0123456789abcefABCEF");
        var d = Ascii("dD");
        var escape = GrammarNode.Literal("\\");
        var u = GrammarNode.Literal("\\u");
        return GrammarNode.AnyOf(
            PlainCharacter,
            GrammarNode.Sequence(escape, Ascii("\"\\/bfnrt")),
            GrammarNode.Sequence(u, notD, hex, hex, hex),
            GrammarNode.Sequence(u, d, Ascii("01234567"), hex, hex),
            GrammarNode.Sequence(u, d, Ascii("89abAB"), hex, hex, u, d, Ascii("cdefCDEF"), hex, hex));
    }
}
