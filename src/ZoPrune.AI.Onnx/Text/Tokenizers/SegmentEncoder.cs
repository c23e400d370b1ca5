namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Encodes the text between two added tokens: normalise, split, spell, merge.</summary>
internal sealed class SegmentEncoder(TextNormalizer normalizer, TextSplitter splitter, PieceSpeller speller, BytePairMerges merges)
{
    public void Encode(string text, List<int> ids, MergeWorkspace workspace)
    {
        var normalized = normalizer.Normalize(text);
        foreach (var part in splitter.Split(normalized))
        {
            var piece = normalized.AsSpan(part.Start, part.Length);
            workspace.Symbols.Clear();
            speller.Spell(piece, part.IsWhole, workspace.Symbols);
            merges.Apply(workspace);
            ids.AddRange(workspace.Symbols);
        }
    }
}
