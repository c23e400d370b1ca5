using System.Globalization;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Cuts text at added tokens, with their flags, as Hugging Face's <c>AddedVocabulary</c> does.</summary>
/// <param name="matcher">The tokens, written as they stand in the text to cut.</param>
internal sealed class AddedTokenSplitter(AddedTokenMatcher matcher)
{
    /// <summary>The parts of the text, in order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="runs">The runs of tokens whose signs stand in the text, in order, with the added token of their id.</param>
    /// <param name="onText">Takes a text part: where it starts and ends.</param>
    /// <param name="onToken">Takes an added token.</param>
    /// <param name="onRun">Takes the next run of tokens.</param>
    public void Split(OriginText text, Queue<AddedToken> runs, Action<int, int> onText, Action<AddedToken> onToken, Action onRun)
    {
        var done = 0;
        for (var position = 0; position < text.Text.Length;)
        {
            var isRun = text.Origins[position] == TextOrigin.Run && runs.Count > 0;
            var token = isRun ? runs.Dequeue() : matcher.Match(text.Text, position, TemplateEnd(text, position));
            if (token is null)
            {
                position = Next(text, position + 1, runs.Count > 0);
                continue;
            }

            var end = position + (isRun ? 1 : token.Content.Length);
            if (!isRun && token.IsSingleWord && !StandsAlone(text.Text, position, end))
            {
                position = end;
                continue;
            }

            var start = position;
            while (token.StripsLeft && start > done && text.IsSpaceAt(start - 1))
            {
                start--;
            }

            while (token.StripsRight && end < text.Text.Length && text.IsSpaceAt(end))
            {
                end++;
            }

            if (start > done)
            {
                onText(done, start);
            }

            if (isRun)
            {
                onRun();
            }
            else
            {
                onToken(token);
            }

            done = end;
            position = end;
        }

        if (done < text.Text.Length)
        {
            onText(done, text.Text.Length);
        }
    }

    private int Next(OriginText text, int start, bool hasRuns)
    {
        var next = start >= text.Text.Length ? -1 : matcher.NextCandidate(text.Text, start);
        next = next < 0 ? text.Text.Length : next;
        var run = hasRuns ? text.Origins.AsSpan(start, next - start).IndexOf(TextOrigin.Run) : -1;
        return run < 0 ? next : start + run;
    }

    private int TemplateEnd(OriginText text, int position)
    {
        var last = Math.Min(text.Text.Length, position + matcher.LongestToken);
        var user = text.Origins.AsSpan(position, last - position).IndexOfAnyExcept(TextOrigin.Template);
        return user < 0 ? last : position + user;
    }

    private static bool StandsAlone(string text, int start, int end) =>
        (start == 0 || !IsWord(text[start - 1])) && (end == text.Length || !IsWord(text[end]));

    private static bool IsWord(char character) =>
        char.IsLetterOrDigit(character) || char.IsSurrogate(character) || char.GetUnicodeCategory(character)
            is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.LetterNumber;
}
