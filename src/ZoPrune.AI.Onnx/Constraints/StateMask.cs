namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>The tokens that may follow the top of a stack, whatever lies below.</summary>
/// <param name="Tokens">Tokens that end within the top, or just where it ends.</param>
/// <param name="MostToEnd">The most tokens that can be needed behind one of them to end the top.</param>
/// <param name="Trie">Where the nodes of <paramref name="Exits"/> are.</param>
/// <param name="Exits">The nodes at which the top has ended and longer tokens go on into what lies below.</param>
internal sealed record StateMask(TokenSet Tokens, int MostToEnd, TokenTrie Trie, int[] Exits);
