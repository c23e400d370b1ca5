namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>The tokens that may follow.</summary>
/// <param name="Tokens">Them.</param>
/// <param name="MostToEnd">The most tokens that can be needed behind one of them.</param>
internal sealed record ConfigurationMask(TokenSet Tokens, int MostToEnd);
