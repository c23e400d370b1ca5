namespace ZoPrune.AI.Onnx.Text;

/// <summary>One piece of a rendered prompt: template text, user text, or a run of one token id.</summary>
/// <remarks>
/// The kind decides what a tokenizer may recognise: control tokens exist in template text only, so that user text can never become one.
/// </remarks>
public readonly record struct PromptSegment
{
    private readonly string? _text;

    private PromptSegment(PromptSegmentKind kind, string text, int tokenId, int count)
    {
        Kind = kind;
        _text = text;
        TokenId = tokenId;
        Count = count;
    }

    /// <summary>Where the segment comes from.</summary>
    public PromptSegmentKind Kind { get; }

    /// <summary>The text; empty for a run of tokens.</summary>
    public string Text => _text ?? "";

    /// <summary>The token id of a run of tokens, else 0.</summary>
    public int TokenId { get; }

    /// <summary>How often <see cref="TokenId"/> stands in the ids; 0 for text.</summary>
    public int Count { get; }

    /// <summary>Text written by the chat template.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static PromptSegment Template(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new PromptSegment(PromptSegmentKind.Template, text, 0, 0);
    }

    /// <summary>Text from a message.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static PromptSegment User(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new PromptSegment(PromptSegmentKind.User, text, 0, 0);
    }

    /// <summary><paramref name="count"/> times the token <paramref name="id"/>, for instance the placeholders of one image.</summary>
    /// <param name="id">The token id; phi3v numbers its images with negative ones.</param>
    /// <param name="count">How many, not negative; 0 still breaks the text into two stretches.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public static PromptSegment Tokens(int id, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new PromptSegment(PromptSegmentKind.Tokens, "", id, count);
    }
}
