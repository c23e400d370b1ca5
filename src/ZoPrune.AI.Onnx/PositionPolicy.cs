namespace ZoPrune.AI.Onnx;

/// <summary>Which positions the tokens of a pruned prompt have.</summary>
public enum PositionPolicy
{
    /// <summary><see cref="Original"/> where the decoder takes position ids, else <see cref="Compact"/>.</summary>
    Auto,

    /// <summary>Tokens are numbered anew: the text moves closer, as if the image had fewer tokens.</summary>
    Compact,

    /// <summary>Every token keeps the position that it has in the unpruned prompt. The decoder must take position ids.</summary>
    Original,
}
