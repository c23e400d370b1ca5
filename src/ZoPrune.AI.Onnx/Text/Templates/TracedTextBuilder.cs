using System.Text;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Builds a <see cref="TracedText"/>; every character is charged to the rendering.</summary>
internal sealed class TracedTextBuilder(RenderContext context)
{
    private readonly StringBuilder _text = new();
    private readonly List<TextRun> _runs = [];

    public void Append(ReadOnlySpan<char> text, bool isUser)
    {
        if (text.IsEmpty)
        {
            return;
        }

        context.ChargeText(text.Length, _text.Length);
        _text.Append(text);
        Extend(text.Length, isUser);
    }

    public void Append(TracedText text)
    {
        var start = 0;
        foreach (var run in text.Runs)
        {
            Append(text.Value.AsSpan(start, run.End - start), run.IsUser);
            start = run.End;
        }
    }

    /// <summary>Appends a part of a text.</summary>
    public void Append(TracedText text, int start, int length) => Append(text.Slice(start, length));

    public TracedText ToText() => _text.Length == 0 ? TracedText.Empty : new TracedText(_text.ToString(), [.. _runs]);

    private void Extend(int length, bool isUser)
    {
        var end = length + (_runs.Count > 0 ? _runs[^1].End : 0);
        if (_runs.Count > 0 && _runs[^1].IsUser == isUser)
        {
            _runs.RemoveAt(_runs.Count - 1);
        }

        _runs.Add(new TextRun(end, isUser));
    }
}
