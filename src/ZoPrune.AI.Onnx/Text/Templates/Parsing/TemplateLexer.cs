using System.Globalization;
using System.Text;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Cuts a template into tokens and applies whitespace control, as Jinja2's lexer with trim_blocks and lstrip_blocks
/// does.</summary>
internal sealed class TemplateLexer
{
    private static ReadOnlySpan<char> WordOperators => "+-/*%~[](){}=.:|,;<>!";

    private readonly string _name;
    private readonly string _source;
    private readonly List<TemplateToken> _tokens = [];
    private int _position;
    private int _line = 1;
    private int _counted;
    private bool _lineStarting = true;

    private TemplateLexer(string source, string name)
    {
        _name = name;
        var text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _source = text.EndsWith('\n') ? text[..^1] : text;
    }

    public static List<TemplateToken> Tokenize(string source, string name)
    {
        var lexer = new TemplateLexer(source, name);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_position < _source.Length)
        {
            var tag = NextTag();
            if (tag < 0)
            {
                AddData(_source[_position..]);
                _position = _source.Length;
                break;
            }

            var kind = _source[tag + 1];
            var sign = SignAt(tag + 2);
            AddData(BeforeTag(_source[_position..tag], sign, isPrint: kind == '{'));
            _position = tag + (sign == '\0' ? 2 : 3);
            switch (kind)
            {
                case '#':
                    SkipComment(tag);
                    break;
                case '%' when RawBodyStart() is { } bodyStart:
                    ReadRaw(bodyStart, tag);
                    break;
                default:
                    ReadTag(isPrint: kind == '{', tag);
                    break;
            }

            _lineStarting = _source[_position - 1] == '\n';
        }

        Add(TemplateTokenKind.End, "", _source.Length);
    }

    private int NextTag()
    {
        for (var position = _position; ; position++)
        {
            position = _source.IndexOf('{', position);
            if (position < 0 || position + 1 >= _source.Length)
            {
                return -1;
            }

            if (_source[position + 1] is '{' or '%' or '#')
            {
                return position;
            }
        }
    }

    private char SignAt(int position) => position < _source.Length && _source[position] is '-' or '+' ? _source[position] : '\0';

    private string BeforeTag(string text, char sign, bool isPrint)
    {
        if (sign == '-')
        {
            return text.TrimEnd();
        }

        var lineStart = text.LastIndexOf('\n') + 1;
        var strips = sign != '+' && !isPrint && (lineStart > 0 || _lineStarting);
        return strips && text.AsSpan(lineStart).IsWhiteSpace() ? text[..lineStart] : text;
    }

    private void SkipComment(int tag)
    {
        var end = _source.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Error("a comment is not closed.", tag);
        }

        AfterTag(end, end > _position ? _source[end - 1] : '\0');
    }

    // Behind "{%" and its sign: where the body of a raw block begins, or null if it is another block.
    private int? RawBodyStart()
    {
        var position = SkipSpace(_position);
        if (string.CompareOrdinal(_source, position, "raw", 0, 3) != 0)
        {
            return null;
        }

        position = SkipSpace(position + 3);
        if (string.CompareOrdinal(_source, position, "-%}", 0, 3) == 0)
        {
            return SkipSpace(position + 3);
        }

        return string.CompareOrdinal(_source, position, "%}", 0, 2) == 0 ? position + 2 : null;
    }

    private void ReadRaw(int start, int tag)
    {
        int NextBlock(int from) => _source.IndexOf("{%", from, StringComparison.Ordinal);
        for (var end = NextBlock(start); end >= 0; end = NextBlock(end + 1))
        {
            var sign = SignAt(end + 2);
            var position = SkipSpace(end + (sign == '\0' ? 2 : 3));
            if (string.CompareOrdinal(_source, position, "endraw", 0, 6) != 0)
            {
                continue;
            }

            position = SkipSpace(position + 6);
            var endSign = SignAt(position);
            position += endSign == '\0' ? 0 : 1;
            if (string.CompareOrdinal(_source, position, "%}", 0, 2) != 0)
            {
                continue;
            }

            _lineStarting = _source[start - 1] == '\n';
            AddData(BeforeTag(_source[start..end], sign, isPrint: false));
            AfterTag(position, endSign);
            return;
        }

        throw Error("a raw block is not closed.", tag);
    }

    // Steps over the two characters of a tag's end and the whitespace that it swallows.
    private void AfterTag(int end, char sign)
    {
        _position = end + 2;
        if (sign == '-')
        {
            _position = SkipSpace(_position);
        }
        else if (sign != '+' && _source[end] != '}' && _position < _source.Length && _source[_position] == '\n')
        {
            _position++;
        }
    }

    private void ReadTag(bool isPrint, int tag)
    {
        var (begin, end) = isPrint
            ? (TemplateTokenKind.PrintBegin, TemplateTokenKind.PrintEnd)
            : (TemplateTokenKind.BlockBegin, TemplateTokenKind.BlockEnd);
        Add(begin, _source.Substring(tag, 2), tag);
        var brackets = new Stack<char>();
        while (true)
        {
            _position = SkipSpace(_position);
            if (_position >= _source.Length)
            {
                throw Error("a tag is not closed.", tag);
            }

            var sign = SignAt(_position);
            var close = sign == '\0' || (isPrint && sign == '+') ? _position : _position + 1;
            if (brackets.Count == 0 && string.CompareOrdinal(_source, close, isPrint ? "}}" : "%}", 0, 2) == 0)
            {
                Add(end, "", _position);
                AfterTag(close, close == _position ? '\0' : sign);
                return;
            }

            ReadToken(brackets);
        }
    }

    private void ReadToken(Stack<char> brackets)
    {
        var start = _position;
        var character = _source[start];
        if (char.IsAsciiDigit(character))
        {
            ReadNumber();
        }
        else if (character == '_' || char.IsLetter(character))
        {
            _position = SkipWhile(start, c => c == '_' || char.IsLetterOrDigit(c));
            Add(TemplateTokenKind.Name, _source[start.._position], start);
        }
        else if (character is '\'' or '"')
        {
            ReadText(character);
        }
        else
        {
            ReadOperator(character, brackets);
        }
    }

    private void ReadNumber()
    {
        var start = _position;
        if (_source[start] == '0' && start + 2 < _source.Length && char.ToLowerInvariant(_source[start + 1]) is 'x' or 'o' or 'b')
        {
            _position = SkipWhile(start + 2, c => char.IsAsciiHexDigit(c) || c == '_');
            Add(TemplateTokenKind.Integer, _source[start.._position].Replace("_", "", StringComparison.Ordinal), start);
            return;
        }

        var end = SkipDigits(start);
        var isFloat = false;
        if (end + 1 < _source.Length && _source[end] == '.' && char.IsAsciiDigit(_source[end + 1]))
        {
            end = SkipDigits(end + 1);
            isFloat = true;
        }

        if (end < _source.Length && _source[end] is 'e' or 'E')
        {
            var exponent = end + 1 < _source.Length && _source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (exponent < _source.Length && char.IsAsciiDigit(_source[exponent]))
            {
                end = SkipDigits(exponent);
                isFloat = true;
            }
        }

        _position = end;
        var text = _source[start..end].Replace("_", "", StringComparison.Ordinal);
        Add(isFloat ? TemplateTokenKind.Float : TemplateTokenKind.Integer, text, start);
    }

    private void ReadText(char quote)
    {
        var start = _position;
        var text = new StringBuilder();
        for (_position++; _position < _source.Length && _source[_position] != quote; _position++)
        {
            if (_source[_position] == '\\' && _position + 1 < _source.Length)
            {
                _position++;
                ReadEscape(text);
            }
            else
            {
                text.Append(_source[_position]);
            }
        }

        if (_position >= _source.Length)
        {
            throw Error("a string is not closed.", start);
        }

        _position++;
        Add(TemplateTokenKind.Text, text.ToString(), start);
    }

    private void ReadEscape(StringBuilder text)
    {
        var character = _source[_position];
        switch (character)
        {
            case 'x':
                AppendHex(text, 2);
                break;
            case 'u':
                AppendHex(text, 4);
                break;
            case 'U':
                AppendHex(text, 8);
                break;
            case >= '0' and <= '7':
                var value = 0;
                var end = Math.Min(_position + 3, _source.Length);
                for (; _position < end && _source[_position] is >= '0' and <= '7'; _position++)
                {
                    value = (value * 8) + _source[_position] - '0';
                }

                _position--;
                text.Append((char)value);
                break;
            default:
                var escaped = character switch
                {
                    'n' => "\n",
                    't' => "\t",
                    'r' => "\r",
                    'b' => "\b",
                    'f' => "\f",
                    'v' => "\v",
                    'a' => "\a",
                    '\n' => "",
                    '\\' or '\'' or '"' => character.ToString(),
                    _ => "\\" + character,
                };
                text.Append(escaped);
                break;
        }
    }

    private void AppendHex(StringBuilder text, int digits)
    {
        var hex = _source.AsSpan(Math.Min(_position + 1, _source.Length));
        hex = hex[..Math.Min(digits, hex.Length)];
        if (hex.Length < digits || !int.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value is < 0 or > 0x10FFFF)
        {
            throw Error("a string has a malformed escape.", _position);
        }

        text.Append(value is > 0xFFFF ? char.ConvertFromUtf32(value) : ((char)value).ToString());
        _position += digits;
    }

    private void ReadOperator(char character, Stack<char> brackets)
    {
        var two = _source.AsSpan(_position, Math.Min(2, _source.Length - _position));
        if (two is "//" or "**" or "==" or "!=" or ">=" or "<=")
        {
            Add(TemplateTokenKind.Operator, two.ToString(), _position);
            _position += 2;
            return;
        }

        if (!WordOperators.Contains(character) || character == '!')
        {
            throw Error($"unexpected character '{character}'.", _position);
        }

        if (character is '(' or '[' or '{')
        {
            brackets.Push(character switch { '(' => ')', '[' => ']', _ => '}' });
        }
        else if (character is ')' or ']' or '}' && (!brackets.TryPop(out var expected) || expected != character))
        {
            throw Error($"unexpected '{character}'.", _position);
        }

        Add(TemplateTokenKind.Operator, character.ToString(), _position);
        _position++;
    }

    private int SkipSpace(int position) => SkipWhile(position, char.IsWhiteSpace);

    private int SkipDigits(int position) => SkipWhile(position, c => char.IsAsciiDigit(c) || c == '_');

    private int SkipWhile(int position, Func<char, bool> matches)
    {
        while (position < _source.Length && matches(_source[position]))
        {
            position++;
        }

        return position;
    }

    private void AddData(string text)
    {
        if (text.Length > 0)
        {
            Add(TemplateTokenKind.Data, text, _position);
        }
    }

    private void Add(TemplateTokenKind kind, string text, int position) => _tokens.Add(new TemplateToken(kind, text, LineAt(position)));

    private int LineAt(int position)
    {
        if (position > _counted)
        {
            _line += _source.AsSpan(_counted, position - _counted).Count('\n');
            _counted = position;
        }

        return _line;
    }

    private ChatTemplateException Error(string reason, int position) => new(_name, LineAt(position), reason);
}
