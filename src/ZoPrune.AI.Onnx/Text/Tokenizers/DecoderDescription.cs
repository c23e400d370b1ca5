using System.Text.Json;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>What the <c>decoder</c> section tells about the kind of vocabulary; GenAI takes it from there.</summary>
/// <param name="IsSentencePiece">Spaces are "▁".</param>
/// <param name="HasDummyPrefix">"▁" is put before each stretch of text.</param>
internal sealed record DecoderDescription(bool IsSentencePiece, bool HasDummyPrefix)
{
    public static DecoderDescription Read(JsonElement root, string path)
    {
        if (!root.TryGetProperty("decoder", out var decoder) || decoder.ValueKind != JsonValueKind.Object)
        {
            return new DecoderDescription(false, false);
        }

        IEnumerable<JsonElement> steps = decoder.TryGetProperty("decoders", out _)
            ? JsonFile.Required(decoder, "decoders", JsonValueKind.Array, path).EnumerateArray()
            : [decoder];
        var isSentencePiece = false;
        var hasDummyPrefix = false;
        foreach (var step in steps)
        {
            switch (JsonFile.OptionalText(step, "type"))
            {
                case "Replace" when step.TryGetProperty("pattern", out var pattern) && IsSpace(JsonFile.OptionalText(pattern, "String")):
                    isSentencePiece = true;
                    break;
                case "Metaspace":
                    isSentencePiece |= IsSpace(JsonFile.OptionalText(step, "replacement"));
                    hasDummyPrefix |= JsonFile.Flag(step, "add_prefix_space")
                        || JsonFile.OptionalText(step, "prepend_scheme") is "always" or "first";
                    break;
                case "Strip":
                    hasDummyPrefix |= JsonFile.OptionalText(step, "content") == " ";
                    break;
            }
        }

        return new DecoderDescription(isSentencePiece, hasDummyPrefix);
    }

    private static bool IsSpace(string? text) => text is [SentencePiece.Space];
}
