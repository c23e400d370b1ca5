using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Encodes as Hugging Face's <c>tokenizers</c> does: added tokens, normalizer, normalised added tokens, pre-tokenizer, model,
/// post-processor.</summary>
internal sealed class HuggingFaceTextEncoder(
    TokenVocabulary vocabulary, AddedTokenSplitter addedTokens, OriginNormalizer? normalizer, AddedTokenSplitter normalizedTokens,
    IReadOnlyList<PreTokenizerStep> preTokenizer, TokenModel model, SpecialTokensFrame frame) : TextEncoder
{
    // A character that no text means: it stands for a run of tokens while the text around it is normalised as one.
    private const string RunSign = "\uFFFF";

    public override EncodedText Encode(IReadOnlyList<PromptSegment> segments, bool addSpecialTokens)
    {
        var state = new State(addSpecialTokens ? frame.Before : []);
        var stretch = new OriginTextBuilder();
        foreach (var segment in segments)
        {
            if (segment.Kind != PromptSegmentKind.Tokens)
            {
                var origin = segment.Kind == PromptSegmentKind.User ? TextOrigin.User : TextOrigin.Template;
                stretch.Append(WithoutLoneSurrogates(segment.Text), origin);
                continue;
            }

            state.Runs.Enqueue((segment, TokenOf(segment.TokenId)));
            stretch.Append(RunSign, TextOrigin.Run);
        }

        EncodeStretch(stretch.Take(), state);
        if (addSpecialTokens)
        {
            state.Ids.AddRange(frame.Behind);
        }

        return new EncodedText([.. state.Ids], [.. state.Starts]);
    }

    // Runs of tokens that are matched in the text as it is cut it before normalisation, the others behind it.
    private void EncodeStretch(OriginText text, State state)
    {
        var start = 0;
        var left = (AddedToken?)null;
        for (var position = 0; position <= text.Text.Length; position++)
        {
            var isEnd = position == text.Text.Length;
            if (!isEnd && (text.Origins[position] != TextOrigin.Run || state.Runs.ElementAt(state.Seen++).Token.IsNormalized))
            {
                continue;
            }

            var right = isEnd ? null : state.Runs.ElementAt(state.Seen - 1).Token;
            EncodeBetween(text, start, position, left, right, state);
            if (right is not null)
            {
                Take(state);
            }

            left = right;
            start = position + 1;
        }
    }

    private void EncodeBetween(OriginText text, int start, int end, AddedToken? left, AddedToken? right, State state)
    {
        while (left is { StripsRight: true } && start < end && text.IsSpaceAt(start))
        {
            start++;
        }

        while (right is { StripsLeft: true } && end > start && text.IsSpaceAt(end - 1))
        {
            end--;
        }

        var part = text.Slice(start, end);
        addedTokens.Split(
            part, [], (from, to) => EncodeNormalized(part.Slice(from, to), state), token => state.Add(token.Id), () => { });
    }

    private void EncodeNormalized(OriginText text, State state)
    {
        var isAtStart = state.IsAtStart;
        var normalized = normalizer?.Normalize(text) ?? text;
        var count = normalized.Origins.Count(origin => origin == TextOrigin.Run);
        var runs = new Queue<AddedToken>(state.Runs.Take(count).Select(run => run.Token));
        normalizedTokens.Split(
            normalized,
            runs,
            (from, to) => EncodePlain(new PreToken(normalized.Text[from..to], isAtStart && from == 0), state),
            token => state.Add(token.Id),
            () => Take(state));
    }

    private void EncodePlain(PreToken text, State state)
    {
        state.IsAtStart = false;
        List<PreToken> parts = [text];
        foreach (var step in preTokenizer)
        {
            var next = new List<PreToken>(parts.Count);
            foreach (var part in parts)
            {
                step.Split(part, next);
            }

            parts = next;
        }

        foreach (var part in parts)
        {
            if (part.Text.Length > 0)
            {
                model.Tokenize(part.Text, state.Ids, state.Workspace);
            }
        }
    }

    private AddedToken TokenOf(int id) =>
        (id < 0 ? null : vocabulary.AddedTokenOf(id)) ?? new AddedToken(id, "", true, false, false, false, false);

    private static void Take(State state)
    {
        var (run, _) = state.Runs.Dequeue();
        state.Seen = Math.Max(0, state.Seen - 1);
        state.Starts.Add(state.Ids.Count);
        state.Ids.AddRange(Enumerable.Repeat(run.TokenId, run.Count));
        state.IsAtStart = false;
    }

    private static string WithoutLoneSurrogates(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(rune);
        }

        return result.ToString();
    }

    private sealed class State(IReadOnlyList<int> before)
    {
        public List<int> Ids { get; } = [.. before];

        public List<int> Starts { get; } = [];

        public Queue<(PromptSegment Segment, AddedToken Token)> Runs { get; } = [];

        /// <summary>How many of the waiting runs the cutting has passed.</summary>
        public int Seen { get; set; }

        public bool IsAtStart { get; set; } = true;

        public MergeWorkspace Workspace { get; } = new();

        public void Add(int id)
        {
            Ids.Add(id);
            IsAtStart = false;
        }
    }
}
