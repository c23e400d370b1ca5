namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary><c>Metaspace</c>: spaces become "▁", which may be put in front, and words begin with it.</summary>
/// <param name="replacement">What stands for a space.</param>
/// <param name="prepends">Whether it is put before a text that does not begin with it.</param>
/// <param name="onlyAtStart">Whether it is put before the beginning of the prompt only.</param>
/// <param name="words">Cuts before each replacement; null for none.</param>
internal sealed class MetaspaceStep(string replacement, bool prepends, bool onlyAtStart, SplitStep? words) : PreTokenizerStep
{
    public override void Split(PreToken token, List<PreToken> parts)
    {
        var text = token.Text.Replace(" ", replacement, StringComparison.Ordinal);
        if (prepends && (token.IsAtStart || !onlyAtStart) && !text.StartsWith(replacement, StringComparison.Ordinal))
        {
            text = replacement + text;
        }

        if (words is null)
        {
            parts.Add(token with { Text = text });
        }
        else
        {
            words.Split(token with { Text = text }, parts);
        }
    }
}
