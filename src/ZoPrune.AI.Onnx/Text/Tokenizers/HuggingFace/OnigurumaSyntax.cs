using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Translates expressions from Oniguruma's syntax, which Hugging Face uses, to .NET's.</summary>
/// <remarks>Possessive quantifiers become atomic groups; <c>\w</c>, <c>\h</c>, POSIX brackets and long property names are spelled out; what
/// has no counterpart is refused.</remarks>
internal sealed class OnigurumaSyntax
{
    private const string Word = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}";
    private const string Han = @"\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5\u3005\u3007\u3021-\u3029\u3038-\u303B\u3400-\u4DBF\u4E00-\u9FFF"
        + @"\uF900-\uFA6D\uFA70-\uFAD9";

    private readonly string _pattern;
    private readonly StringBuilder _result = new();
    private readonly Stack<int> _groups = new();
    private int _position;
    private int _atom = -1;

    private OnigurumaSyntax(string pattern)
    {
        _pattern = pattern;
    }

    /// <exception cref="NotSupportedException">Something has no counterpart.</exception>
    public static string Translate(string pattern) => new OnigurumaSyntax(pattern).Run();

    private string Run()
    {
        while (_position < _pattern.Length)
        {
            var character = _pattern[_position];
            switch (character)
            {
                case '\\':
                    _atom = _result.Length;
                    _result.Append(Escape(inClass: false));
                    break;
                case '[':
                    _atom = _result.Length;
                    Class();
                    break;
                case '(':
                    _groups.Push(_result.Length);
                    OpenGroup();
                    _atom = -1;
                    break;
                case ')' when _groups.Count > 0:
                    _atom = _groups.Pop();
                    _result.Append(character);
                    _position++;
                    break;
                case '*' or '+' or '?' when _atom >= 0:
                    Quantifier(character.ToString());
                    break;
                case '{' when _atom >= 0 && Interval() is { } interval:
                    Quantifier(interval);
                    break;
                case '|':
                    _atom = -1;
                    _result.Append(character);
                    _position++;
                    break;
                default:
                    // A supplementary character is one unit of the shape that is matched.
                    if (char.IsSurrogate(character))
                    {
                        throw new NotSupportedException("characters beyond U+FFFF are not supported.");
                    }

                    _atom = _result.Length;
                    _result.Append(character);
                    _position++;
                    break;
            }
        }

        return _result.ToString();
    }

    private void OpenGroup()
    {
        // Look-arounds, (?:, (?>, (?i:, (?<name> are alike in both.
        _result.Append('(');
        _position++;
        if (_position < _pattern.Length && _pattern[_position] == '?')
        {
            while (_position < _pattern.Length && _pattern[_position] is not (':' or '=' or '!' or '>' or ')'))
            {
                _result.Append(_pattern[_position++]);
            }

            if (_position < _pattern.Length && _pattern[_position] != ')')
            {
                _result.Append(_pattern[_position++]);
            }
        }
    }

    private string? Interval()
    {
        var end = _pattern.IndexOf('}', _position);
        var inside = end < 0 ? "" : _pattern[(_position + 1)..end];
        if (inside.Length == 0 || !inside.All(c => char.IsAsciiDigit(c) || c == ',') || inside == ",")
        {
            return null;
        }

        return inside[0] == ',' ? "{0" + inside + "}" : "{" + inside + "}";
    }

    private void Quantifier(string quantifier)
    {
        var isInterval = quantifier[0] == '{';
        _position = isInterval ? _pattern.IndexOf('}', _position) + 1 : _position + 1;
        _result.Append(quantifier);
        var next = _position < _pattern.Length ? _pattern[_position] : ' ';
        if (next == '?')
        {
            _result.Append('?');
            _position++;
        }
        else if (next == '+')
        {
            // Behind an interval this is a second quantifier, no possessive one.
            _result.Insert(_atom, isInterval ? "(?:" : "(?>").Append(isInterval ? ")+" : ")");
            _position++;
        }
    }

    private void Class()
    {
        _result.Append('[');
        _position++;
        if (_position < _pattern.Length && _pattern[_position] == '^')
        {
            _result.Append('^');
            _position++;
        }

        for (var isFirst = true; ; isFirst = false)
        {
            if (_position >= _pattern.Length)
            {
                throw new NotSupportedException("a character class is not closed.");
            }

            var character = _pattern[_position];
            if (character == ']' && !isFirst)
            {
                break;
            }

            if (character == '\\')
            {
                _result.Append(Escape(inClass: true));
            }
            else if (character == '[')
            {
                _result.Append(PosixBracket());
            }
            else if (character == '&' && _position + 1 < _pattern.Length && _pattern[_position + 1] == '&')
            {
                throw new NotSupportedException("intersections of character classes are not supported.");
            }
            else if (char.IsSurrogate(character))
            {
                throw new NotSupportedException("characters beyond U+FFFF are not supported.");
            }
            else
            {
                _result.Append(character == ']' ? @"\]" : character.ToString());
                _position++;
            }
        }

        _result.Append(']');
        _position++;
    }

    private string PosixBracket()
    {
        var end = _pattern.IndexOf(":]", _position, StringComparison.Ordinal);
        var name = end > 0 && _pattern[_position + 1] == ':' ? _pattern[(_position + 2)..end] : "";
        var set = name switch
        {
            "alpha" => @"\p{L}\p{M}\p{Nl}",
            "digit" => @"\p{Nd}",
            "alnum" => @"\p{L}\p{M}\p{Nl}\p{Nd}",
            "upper" => @"\p{Lu}",
            "lower" => @"\p{Ll}",
            "space" => @"\s",
            "punct" => @"\p{P}\p{S}",
            "cntrl" => @"\p{Cc}",
            "word" => Word,
            "xdigit" => "0-9A-Fa-f",
            _ => throw new NotSupportedException("nested character classes are not supported."),
        };
        _position = end + 2;
        return set;
    }

    private string Escape(bool inClass)
    {
        if (_position + 1 >= _pattern.Length)
        {
            throw new NotSupportedException("it ends with a backslash.");
        }

        var character = _pattern[_position + 1];
        _position += 2;
        switch (character)
        {
            case 'p' or 'P':
                return Property(character == 'P', inClass);
            case 'w':
                return inClass ? Word : $"[{Word}]";
            case 'W' when !inClass:
                return $"[^{Word}]";
            case 'h':
                return inClass ? "0-9A-Fa-f" : "[0-9A-Fa-f]";
            case 'x' when _position < _pattern.Length && _pattern[_position] == '{':
                var end = _pattern.IndexOf('}', _position);
                var digits = end < 0 ? "" : _pattern[(_position + 1)..end];
                _position = end + 1;
                return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value <= 0xFFFF
                    ? $"\\u{value:X4}"
                    : throw new NotSupportedException($"the character \\x{{{digits}}} is not supported.");
            case 'z' or 'A' or 'b' or 'B' or 'G' or 'Z' when !inClass:
                return "\\" + character;
            case 'd' or 'D' or 's' or 'S' or 'n' or 'r' or 't' or 'f' or 'v' or 'a' or 'e' or 'u' or 'x':
                return "\\" + character;
            case >= '1' and <= '9':
                throw new NotSupportedException("back references are not supported.");
            case '0':
                return "\\0";
            case var letter when char.IsAsciiLetter(letter):
                throw new NotSupportedException($"the escape '\\{letter}' is not supported.");
            default:
                return Regex.Escape(character.ToString()) is [var only] && (only is ']' or '-' or '}' or '&' or '~')
                    ? "\\" + only
                    : Regex.Escape(character.ToString());
        }
    }

    private string Property(bool isNegative, bool inClass)
    {
        string name;
        if (_position < _pattern.Length && _pattern[_position] == '{')
        {
            var end = _pattern.IndexOf('}', _position);
            name = end < 0 ? "" : _pattern[(_position + 1)..end];
            _position = end < 0 ? _pattern.Length : end + 1;
        }
        else
        {
            name = _position < _pattern.Length ? _pattern[_position].ToString() : "";
            _position++;
        }

        if (name is ['^', ..])
        {
            isNegative = !isNegative;
            name = name[1..];
        }

        var plain = name.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (plain is "Han" or "Script=Han" or "sc=Han")
        {
            return inClass && isNegative
                ? throw new NotSupportedException("a negated script in a character class is not supported.")
                : inClass ? Han : $"[{(isNegative ? "^" : "")}{Han}]";
        }

        return $"\\{(isNegative ? 'P' : 'p')}{{{Category(plain)}}}";
    }

    private static string Category(string name) => name switch
    {
        "L" or "Lu" or "Ll" or "Lt" or "Lm" or "Lo" or "M" or "Mn" or "Mc" or "Me" or "N" or "Nd" or "Nl" or "No" or "P" or "Pc" or "Pd"
            or "Ps" or "Pe" or "Pi" or "Pf" or "Po" or "S" or "Sm" or "Sc" or "Sk" or "So" or "Z" or "Zs" or "Zl" or "Zp" or "C" or "Cc"
            or "Cf" or "Cs" or "Co" or "Cn" => name,
        "Letter" => "L",
        "UppercaseLetter" => "Lu",
        "LowercaseLetter" => "Ll",
        "Mark" => "M",
        "NonspacingMark" => "Mn",
        "Number" => "N",
        "DecimalNumber" => "Nd",
        "Punctuation" => "P",
        "Symbol" => "S",
        "Separator" => "Z",
        "Other" => "C",
        _ => throw new NotSupportedException($"the property '{name}' is not supported."),
    };
}
