using System.Text.Json;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Onnx.Text.Tokenizers;

namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>Describes the tokenizer of a folder.</summary>
internal static class TokenizerInspector
{
    public static TokenizerInspection Describe(string folder, TextTokenizer tokenizer)
    {
        var path = Path.Combine(folder, "tokenizer.json");
        var settings = TokenizerConfigReader.Read(Path.Combine(folder, "tokenizer_config.json"));
        using var document = JsonSource.Parse(path, JsonSource.LargestTokenizer);
        var root = document.RootElement;
        var model = JsonFile.Required(root, "model", JsonValueKind.Object, path);
        var type = JsonFile.OptionalText(model, "type") ?? "BPE";
        var kind = type != "BPE" ? type : Uses(root, "ByteLevel") ? "byte-level BPE" : "SentencePiece BPE";
        return new TokenizerInspection(kind, tokenizer.VocabularySize, TokenizerReader.AddedTokens(root, settings, path).Count);
    }

    /// <summary>Whether the steps in front of or behind the model are of a type, alone or in a sequence.</summary>
    private static bool Uses(JsonElement root, string type) =>
        new[] { ("pre_tokenizer", "pretokenizers"), ("decoder", "decoders") }.Any(step =>
            root.TryGetProperty(step.Item1, out var value) && value.ValueKind == JsonValueKind.Object
            && (JsonFile.OptionalText(value, "type") == type
                || (value.TryGetProperty(step.Item2, out var list) && list.ValueKind == JsonValueKind.Array
                    && list.EnumerateArray().Any(e => e.ValueKind == JsonValueKind.Object && JsonFile.OptionalText(e, "type") == type))));
}
