using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Collects adjacent text segments into one stretch that remembers which characters are template text.</summary>
internal sealed class TextStretch
{
    private readonly StringBuilder _text = new();
    private List<(int End, bool IsUser)> _runs = [];

    public void Append(string text, bool isUser)
    {
        if (text.Length == 0)
        {
            return;
        }

        _text.Append(text);
        if (_runs.Count > 0 && _runs[^1].IsUser == isUser)
        {
            _runs.RemoveAt(_runs.Count - 1);
        }

        _runs.Add((_text.Length, isUser));
    }

    /// <summary>Returns the text so far with its runs, and starts anew.</summary>
    public string Take(out TextRuns runs)
    {
        var text = _text.ToString();
        runs = new TextRuns(_runs);
        _text.Clear();
        _runs = [];
        return text;
    }
}
