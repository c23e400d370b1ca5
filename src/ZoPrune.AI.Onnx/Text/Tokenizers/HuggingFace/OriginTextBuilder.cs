using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Builds an <see cref="OriginText"/>.</summary>
internal sealed class OriginTextBuilder
{
    private readonly StringBuilder _text = new();
    private readonly List<TextOrigin> _origins = [];

    public int Length => _text.Length;

    public void Append(ReadOnlySpan<char> text, TextOrigin origin)
    {
        _text.Append(text);
        for (var i = 0; i < text.Length; i++)
        {
            _origins.Add(origin);
        }
    }

    public void Append(OriginText text, int start, int length)
    {
        _text.Append(text.Text, start, length);
        _origins.AddRange(text.Origins.AsSpan(start, length));
    }

    /// <summary>Returns the text so far, and starts anew.</summary>
    public OriginText Take()
    {
        var text = new OriginText(_text.ToString(), [.. _origins]);
        _text.Clear();
        _origins.Clear();
        return text;
    }
}
