using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary><c>BPE</c> as Hugging Face runs it; dropout is of training only.</summary>
internal sealed class BytePairModel(
    TokenVocabulary vocabulary, BytePairMerges merges, int[]? byteIds, int? unknownId, bool fusesUnknown, bool ignoresMerges,
    string subwordPrefix, string wordSuffix) : TokenModel
{
    public override void Tokenize(string text, List<int> ids, MergeWorkspace workspace)
    {
        if (ignoresMerges && vocabulary.OrdinaryIdOf(text) is { } whole)
        {
            ids.Add(whole);
            return;
        }

        workspace.Symbols.Clear();
        Spell(text, workspace.Symbols);
        merges.Apply(workspace);
        ids.AddRange(workspace.Symbols);
    }

    private void Spell(string text, List<int> symbols)
    {
        Span<byte> bytes = stackalloc byte[4];
        var afterUnknown = false;
        for (var position = 0; position < text.Length;)
        {
            var rune = Rune.GetRuneAt(text, position);
            var isFirst = position == 0;
            var length = rune.Utf16SequenceLength;
            var isLast = position + length == text.Length;
            var id = (isFirst || subwordPrefix.Length == 0) && (!isLast || wordSuffix.Length == 0)
                ? vocabulary.OrdinaryIdOf(text.AsSpan(position, length))
                : vocabulary.OrdinaryIdOf((isFirst ? "" : subwordPrefix) + rune + (isLast ? wordSuffix : ""));
            position += length;
            if (id is not null)
            {
                symbols.Add(id.Value);
                afterUnknown = false;
            }
            else if (byteIds is not null)
            {
                foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
                {
                    symbols.Add(byteIds[value]);
                }

                afterUnknown = false;
            }
            else if (!afterUnknown || !fusesUnknown)
            {
                symbols.Add(unknownId ?? throw new NotSupportedException(
                    $"The tokenizer has no piece for U+{rune.Value:X4}, no byte fallback and no unknown token: text would be lost."));
                afterUnknown = true;
            }
        }
    }
}
