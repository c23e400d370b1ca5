using System.Globalization;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>Reads the regular expressions of the keyword <c>pattern</c>: those that are regular.</summary>
/// <remarks>
/// Where ECMAScript and .NET differ (<c>\d</c>, <c>\w</c>, <c>\s</c> and <c>.</c> beyond ASCII, characters beyond the basic plane), only
/// what both match is generated.
/// </remarks>
internal ref struct PatternReader
{
    private const int LargestCount = 10_000;
    private const int MostCharacters = 10_000;
    private const int MostDepth = 100;
    private const int MostReadings = 1000;

    private static readonly (int, int)[] AsciiSpaces = [('\t', '\r'), (' ', ' ')];
    private static readonly (int, int)[] AsciiDigits = [('0', '9')];
    private static readonly (int, int)[] AsciiWord = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
    private static readonly (int, int)[] BeyondAscii = [(0x80, CharacterRanges.Last)];
    private static readonly (int, int)[] LineEnds = [('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)];

    private static readonly (int, int)[] OtherSpaces =
    [
        (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x180E, 0x180E), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
        (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
    ];

    private readonly string _pattern;
    private int _next;
    private int _depth;

    private PatternReader(string pattern)
    {
        _pattern = pattern;
    }

    private readonly char Current => _next < _pattern.Length ? _pattern[_next] : '\0';

    private readonly bool IsAtEnd => _next >= _pattern.Length;

    /// <summary>Reads a pattern that may match anywhere in a text, as the standard has it.</summary>
    /// <exception cref="NotSupportedException">It uses something that is not supported; the message says what.</exception>
    public static PatternPart Read(string pattern)
    {
        var reader = new PatternReader(pattern);
        if (pattern.Length > MostCharacters)
        {
            throw new NotSupportedException($"more than {MostCharacters} characters");
        }

        var options = new List<PatternPart>();
        do
        {
            options.Add(reader.Branch(isTop: true));
        }
        while (reader.Take('|'));
        var part = reader.IsAtEnd ? PatternPart.AnyOf(options) : throw reader.Refusal("')' without '('");

        // Else a text could come to a place where too much must be kept in mind.
        return part.Readings <= MostReadings
            ? part
            : throw reader.Refusal($"counts or alternatives that leave more than {MostReadings} ways to read a text at once");
    }

    private PatternPart Branch(bool isTop)
    {
        var isStart = isTop && Take('^');
        var isEnd = false;
        var parts = new List<PatternPart>();
        while (!IsAtEnd && Current is not ('|' or ')'))
        {
            if (isTop && Current == '$' && (_next + 1 == _pattern.Length || _pattern[_next + 1] == '|'))
            {
                _next++;
                isEnd = true;
                break;
            }

            parts.Add(Quantified());
        }

        if (isTop && !isStart)
        {
            parts.Insert(0, Anything);
        }

        if (isTop && !isEnd)
        {
            parts.Add(Anything);
        }

        return PatternPart.Sequence(parts);
    }

    private static PatternPart Anything { get; } = PatternPart.Character(JsonText.Character).Repeat(0, null);

    private PatternPart Quantified()
    {
        var atom = Atom();
        if (Quantifier() is not var (min, max))
        {
            return atom;
        }

        if (Current == '+')
        {
            throw Refusal("a possessive quantifier");
        }

        // Lazy or not, the texts are the same.
        Take('?');
        if (Quantifier() is not null)
        {
            throw Refusal("a quantifier behind a quantifier");
        }

        return Math.Max(min, max ?? 0) <= LargestCount
            ? atom.Repeat(min, max)
            : throw Refusal(string.Create(CultureInfo.InvariantCulture, $"a count above {LargestCount}"));
    }

    private (int Min, int? Max)? Quantifier()
    {
        (int Min, int? Max)? count = Current switch
        {
            '*' => (0, null),
            '+' => (1, null),
            '?' => (0, 1),
            '{' => Count(),
            _ => null,
        };
        if (count is not null)
        {
            _next++;
        }

        return count;
    }

    /// <summary>Reads a count up to its brace; without one the brace is meant literally.</summary>
    private (int Min, int? Max)? Count()
    {
        var end = _pattern.IndexOf('}', _next);
        var text = end < 0 ? "" : _pattern[(_next + 1)..end];
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        var (low, high) = comma < 0 ? (text, text) : (text[..comma], text[(comma + 1)..]);
        if (!Number(low, out var min))
        {
            return null;
        }

        if (comma >= 0 && high.Length == 0)
        {
            _next = end;
            return (min, null);
        }

        if (!Number(high, out var max))
        {
            return null;
        }

        _next = end;
        return max < min ? throw Refusal("a count whose limits are in the wrong order") : (min, max);

        static bool Number(string text, out int value) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private PatternPart Atom()
    {
        var c = Current;
        _next++;
        switch (c)
        {
            case '(':
                return Group();
            case '[':
                return Of(Class());
            case '.':
                return Of(CharacterRanges.Complement(LineEnds));
            case '\\':
                return Of(Escape(isInClass: false).Narrow);
            case '^' or '$':
                throw Refusal($"'{c}' anywhere but at the ends");
            case '*' or '+' or '?':
                throw Refusal($"'{c}' with nothing before it");
            case var high when char.IsHighSurrogate(high) && char.IsLowSurrogate(Current):
                _next++;
                return Current is '*' or '+' or '?' or '{'
                    ? throw Refusal("a quantifier behind a character beyond the basic plane")
                    : PatternPart.Character(GrammarNode.Literal(_pattern[(_next - 2).._next]));
            case var surrogate when char.IsSurrogate(surrogate):
                throw Refusal("a lone surrogate");
            default:
                return Of([(c, c)]);
        }
    }

    private PatternPart Group()
    {
        if (Take('?'))
        {
            if (Current == '<' && _next + 1 < _pattern.Length && _pattern[_next + 1] is not ('=' or '!'))
            {
                _next = _pattern.IndexOf('>', _next) is >= 0 and var end ? end + 1 : throw Refusal("a group without an end");
            }
            else if (!Take(':'))
            {
                throw Refusal(Current is '=' or '!' or '<' ? "lookaround" : $"the group '(?{Current}'");
            }
        }

        if (++_depth > MostDepth)
        {
            throw Refusal($"groups more than {MostDepth} deep");
        }

        var options = new List<PatternPart>();
        do
        {
            options.Add(Branch(isTop: false));
        }
        while (Take('|'));
        _depth--;
        return Take(')') ? PatternPart.AnyOf(options) : throw Refusal("a group without an end");
    }

    private List<(int First, int Last)> Class()
    {
        var isNegated = Take('^');
        var (narrow, wide) = (new List<(int, int)>(), new List<(int, int)>());
        while (true)
        {
            if (IsAtEnd)
            {
                throw Refusal("a character class without an end");
            }

            if (Take(']'))
            {
                break;
            }

            var item = ClassItem();
            if (Current == '-' && _next + 1 < _pattern.Length && _pattern[_next + 1] != ']')
            {
                _next++;
                var last = ClassItem();
                if (item.Narrow is not [var (from, fromEnd)] || from != fromEnd || last.Narrow is not [var (to, toEnd)] || to != toEnd
                    || to < from)
                {
                    throw Refusal("a range in a character class that is none");
                }

                item = ([(from, to)], [(from, to)]);
            }

            narrow.AddRange(item.Narrow);
            wide.AddRange(item.Wide);
        }

        var ranges = isNegated ? CharacterRanges.Complement(wide) : CharacterRanges.Union(narrow);
        return ranges.Count > 0 ? ranges : throw Refusal("an empty character class");
    }

    private (IReadOnlyList<(int First, int Last)> Narrow, IReadOnlyList<(int First, int Last)> Wide) ClassItem()
    {
        var c = Current;
        _next++;
        if (c == '\\')
        {
            return Escape(isInClass: true);
        }

        return char.IsSurrogate(c)
            ? throw Refusal("a character beyond the basic plane in a character class")
            : ([(c, c)], [(c, c)]);
    }

    /// <summary>What an escape surely matches, and all that it might match.</summary>
    private (IReadOnlyList<(int First, int Last)> Narrow, IReadOnlyList<(int First, int Last)> Wide) Escape(bool isInClass)
    {
        var c = Current;
        _next++;
        (int, int)[] spaces = [.. AsciiSpaces, .. OtherSpaces];
        (int, int)[] digits = [.. AsciiDigits, .. BeyondAscii];
        (int, int)[] word = [.. AsciiWord, .. BeyondAscii];
        switch (c)
        {
            case 'd':
                return (AsciiDigits, digits);
            case 'D':
                return (CharacterRanges.Complement(digits), CharacterRanges.Complement(AsciiDigits));
            case 'w':
                return (AsciiWord, word);
            case 'W':
                return (CharacterRanges.Complement(word), CharacterRanges.Complement(AsciiWord));
            case 's':
                return (AsciiSpaces, spaces);
            case 'S':
                return (CharacterRanges.Complement(spaces), CharacterRanges.Complement(AsciiSpaces));
            case 'x':
                return One(Hex(2));
            case 'u':
                return One(Hex(4));
        }

        var value = c switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            'b' when isInClass => '\b',
            '0' when !char.IsAsciiDigit(Current) => '\0',
            >= '0' and <= '9' => throw Refusal("a back reference"),
            _ when char.IsAsciiLetter(c) || c == '\0' || char.IsSurrogate(c) => throw Refusal($"the escape '\\{c}'"),
            _ => c,
        };
        return One(value);

        static (IReadOnlyList<(int, int)>, IReadOnlyList<(int, int)>) One(int value) => ([(value, value)], [(value, value)]);
    }

    private int Hex(int digits)
    {
        if (_next + digits > _pattern.Length
            || !int.TryParse(
                _pattern.AsSpan(_next, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || char.IsSurrogate((char)value))
        {
            throw Refusal("an escape that is no character");
        }

        _next += digits;
        return value;
    }

    private static PatternPart Of(IReadOnlyList<(int First, int Last)> ranges) => PatternPart.Character(CharacterRanges.ToJson(ranges));

    private bool Take(char c)
    {
        if (IsAtEnd || Current != c)
        {
            return false;
        }

        _next++;
        return true;
    }

    private readonly NotSupportedException Refusal(string what) => new(
        $"{what} (near character {_next} of '{(_pattern.Length <= 200 ? _pattern : _pattern[..200] + "…")}')");
}
