namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Runs of template and user text, asked for at rising positions.</summary>
internal sealed class TextRuns(List<(int End, bool IsUser)> runs)
{
    private int _current;

    /// <summary>Where the template text that holds <paramref name="position"/> ends; <paramref name="position"/> itself in user
    /// text.</summary>
    public int TemplateEnd(int position)
    {
        while (runs[_current].End <= position)
        {
            _current++;
        }

        return runs[_current].IsUser ? position : runs[_current].End;
    }
}
