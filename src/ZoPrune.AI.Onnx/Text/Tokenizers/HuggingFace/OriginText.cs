namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Text that knows of each UTF-16 unit where it comes from, through normalisation.</summary>
internal sealed record OriginText(string Text, TextOrigin[] Origins)
{
    public OriginText Slice(int start, int end) =>
        start == 0 && end == Text.Length ? this : new OriginText(Text[start..end], Origins[start..end]);

    /// <summary>Whether white space stands at an index; what stands for a run of tokens is none.</summary>
    public bool IsSpaceAt(int index) => char.IsWhiteSpace(Text[index]) && Origins[index] != TextOrigin.Run;

    /// <summary>The origin of what is made from these units: the user's, if one of them is.</summary>
    public TextOrigin OriginOf(int start, int length)
    {
        var origin = TextOrigin.Template;
        for (var i = start; i < start + length; i++)
        {
            origin = Origins[i] > origin ? Origins[i] : origin;
        }

        return origin;
    }
}
