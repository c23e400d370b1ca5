using System.Text;
using System.Text.Json;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Reads the <c>normalizer</c> section.</summary>
internal static class NormalizerReader
{
    public static OriginNormalizer? Read(JsonElement? section, string path)
    {
        var steps = HuggingFaceReader.Steps(section, "normalizers", path).Select(step => Step(step, path)).ToList();
        return steps.Count switch
        {
            0 => null,
            1 => steps[0],
            _ => new SequenceNormalizer(steps),
        };
    }

    private static OriginNormalizer Step(JsonElement step, string path)
    {
        switch (JsonFile.OptionalText(step, "type"))
        {
            case "NFC":
                return new UnicodeNormalizer(NormalizationForm.FormC);
            case "NFD":
                return new UnicodeNormalizer(NormalizationForm.FormD);
            case "NFKC":
                return new UnicodeNormalizer(NormalizationForm.FormKC);
            case "NFKD":
                return new UnicodeNormalizer(NormalizationForm.FormKD);
            case "Lowercase":
                return new RuneNormalizer(RuneNormalizer.ToLower);
            case "StripAccents":
                return new RuneNormalizer(RuneNormalizer.WithoutMark);
            case "Strip":
                return new StripNormalizer(JsonFile.Flag(step, "strip_left"), JsonFile.Flag(step, "strip_right"));
            case "Prepend":
                return new PrependNormalizer(JsonFile.Required(step, "prepend", JsonValueKind.String, path).GetString()!);
            case "Replace":
                var content = JsonFile.Required(step, "content", JsonValueKind.String, path).GetString()!;
                return new ReplaceNormalizer(HuggingFaceReader.Pattern(step, path), content);
            case "ByteLevel":
                return new RuneNormalizer(rune => ByteLevelStep.Spell(rune.ToString()));
            case "Precompiled":
                try
                {
                    var map = JsonFile.Required(step, "precompiled_charsmap", JsonValueKind.String, path);
                    return new CharsMapNormalizer(map.GetBytesFromBase64());
                }
                catch (Exception e) when (e is FormatException or ArgumentException)
                {
                    throw new TokenizerFormatException(path, $"'precompiled_charsmap' is malformed: {e.Message}", e);
                }

            case var kind:
                throw new NotSupportedException($"{path}: the normalizer kind '{kind ?? "none"}' is not supported.");
        }
    }
}
