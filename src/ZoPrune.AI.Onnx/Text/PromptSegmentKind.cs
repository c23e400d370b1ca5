namespace ZoPrune.AI.Onnx.Text;

/// <summary>Where a <see cref="PromptSegment"/> comes from.</summary>
public enum PromptSegmentKind
{
    /// <summary>Text that the chat template wrote: the only place where added (control) tokens are recognised.</summary>
    Template,

    /// <summary>Text that came in with a message: always tokenised as ordinary characters.</summary>
    User,

    /// <summary>A run of one token id that is put into the ids as it is.</summary>
    Tokens,
}
