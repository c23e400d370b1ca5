namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Encodes as ONNX Runtime GenAI does: added tokens are matched in the text as it is, only the right strip is known, and nothing
/// is put around the prompt.</summary>
internal sealed class GenAiTextEncoder(AddedTokenMatcher addedTokens, SegmentEncoder encoder) : TextEncoder
{
    public override EncodedText Encode(IReadOnlyList<PromptSegment> segments, bool addSpecialTokens)
    {
        var ids = new List<int>();
        var starts = new List<int>();
        var stretch = new TextStretch();
        var workspace = new MergeWorkspace();
        foreach (var segment in segments)
        {
            if (segment.Kind != PromptSegmentKind.Tokens)
            {
                stretch.Append(segment.Text, segment.Kind == PromptSegmentKind.User);
                continue;
            }

            EncodeStretch(stretch, ids, workspace);
            starts.Add(ids.Count);
            ids.AddRange(Enumerable.Repeat(segment.TokenId, segment.Count));
        }

        EncodeStretch(stretch, ids, workspace);
        return new EncodedText([.. ids], [.. starts]);
    }

    private void EncodeStretch(TextStretch stretch, List<int> ids, MergeWorkspace workspace)
    {
        var text = stretch.Take(out var runs);
        var plainStart = 0;
        var stripsNext = false;
        for (var position = addedTokens.NextCandidate(text, 0); position >= 0; position = addedTokens.NextCandidate(text, position))
        {
            var match = addedTokens.Match(text, position, runs.TemplateEnd(position));
            if (match is null)
            {
                position++;
                continue;
            }

            EncodePlain(text.AsSpan(plainStart, position - plainStart), stripsNext, ids, workspace);
            ids.Add(match.Id);
            position += match.Content.Length;
            plainStart = position;
            stripsNext = match.StripsRight;
        }

        EncodePlain(text.AsSpan(plainStart), stripsNext, ids, workspace);
    }

    private void EncodePlain(ReadOnlySpan<char> text, bool stripsLeft, List<int> ids, MergeWorkspace workspace)
    {
        // The right strip of an added token knows these four characters and no others.
        var plain = stripsLeft ? text.TrimStart(" \n\r\t") : text;
        if (!plain.IsEmpty)
        {
            encoder.Encode(plain.ToString(), ids, workspace);
        }
    }
}
