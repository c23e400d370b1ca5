using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Takes an answer apart into text and calls while it is streamed.</summary>
/// <remarks>
/// Text that may still become a call is held back; how the answer is cut into pieces makes no difference. Whitespace around calls is
/// dropped, nothing else is: what turns out to be no call, an answer that breaks off in the middle of one included, is text. One instance
/// serves one answer; it is not thread-safe.
/// </remarks>
public sealed class ToolCallParser
{
    private const int AlwaysRead = 256;
    private const int MostRepeated = 64;

    private readonly ToolCallFormat _format;
    private readonly Dictionary<string, ToolDefinition> _tools;
    private readonly List<ToolCallPiece> _pieces = [];
    private readonly StringBuilder _unread = new();
    private string _held = "";
    private string _space = "";
    private long _matched;
    private bool _isLineStart = true;
    private bool _isBehindCall;

    /// <summary>Makes a parser.</summary>
    /// <param name="format">How the model writes calls.</param>
    /// <param name="tools">The tools that it may call.</param>
    /// <exception cref="ArgumentException">Two tools have one name.</exception>
    public ToolCallParser(ToolCallFormat format, IEnumerable<ToolDefinition> tools)
    {
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(tools);
        _format = format;
        _tools = tools.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
    }

    /// <summary>Takes the next text of the answer.</summary>
    /// <returns>What has become certain, in order: possibly nothing.</returns>
    public IReadOnlyList<ToolCallPiece> Append(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _unread.Append(text);
        if (!IsWorthReading(text))
        {
            return [];
        }

        Read(isEnd: false);
        return [.. _pieces];
    }

    /// <summary>Ends the answer.</summary>
    /// <returns>What was held back.</returns>
    public IReadOnlyList<ToolCallPiece> Flush()
    {
        Read(isEnd: true);
        if (_space.Length > 0 && !_isBehindCall)
        {
            _pieces.Add(new ToolCallPiece(_space, null));
        }

        _space = "";
        return [.. _pieces];
    }

    /// <summary>Whether what is held is to be looked at again. A format looks at all of it, so that at every token a long call would cost
    /// the square of its length: where much was looked at already it waits for the text to grow by an eighth.</summary>
    private bool IsWorthReading(string text)
    {
        var length = _held.Length + _unread.Length;
        return _unread.Length >= _held.Length / 8
            || length <= AlwaysRead
            || (_matched < MostRepeated * (long)length && text.AsSpan().ContainsAny(")}]>`"));
    }

    private void Read(bool isEnd)
    {
        _pieces.Clear();
        _held += _unread;
        _unread.Clear();
        while (_held.Length > 0)
        {
            var start = _format.FindStart(_held, _isLineStart);
            if (start != 0)
            {
                Text(start < 0 ? _held.Length : start);
                continue;
            }

            _matched += _held.Length;
            var match = _format.Match(_held, _tools, isEnd);
            if (match.Length > 0 && match.Calls.Count > 0)
            {
                _held = _held[match.Length..];
                _pieces.AddRange(match.Calls.Select(call => new ToolCallPiece(null, call)));
                _matched = 0;
                (_space, _isLineStart, _isBehindCall) = ("", true, true);
            }
            else if (match.Length > 0 || isEnd)
            {
                Text(match.Length > 0 ? match.Length : _held.Length);
            }
            else
            {
                break;
            }
        }
    }

    /// <summary>Passes text on, but for the whitespace that may turn out to stand before a call.</summary>
    private void Text(int length)
    {
        var text = _held[..length];
        _held = _held[length..];
        var lineStart = text.LastIndexOf('\n') + 1;
        _isLineStart = (lineStart > 0 || _isLineStart) && text.AsSpan(lineStart).IsWhiteSpace();
        text = _space + text;
        var end = text.AsSpan().TrimEnd().Length;
        _space = text[end..];
        text = _isBehindCall ? text[..end].TrimStart() : text[..end];
        if (text.Length > 0)
        {
            _isBehindCall = false;
            _pieces.Add(new ToolCallPiece(text, null));
        }
    }
}
