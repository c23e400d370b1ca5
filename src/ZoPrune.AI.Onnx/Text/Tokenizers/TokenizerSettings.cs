namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>What <c>tokenizer_config.json</c> says.</summary>
internal sealed record TokenizerSettings(
    string TokenizerClass,
    string? BosToken,
    string? EosToken,
    string? PadToken,
    string? UnknownToken,
    IReadOnlyList<AddedToken> AddedTokens);
