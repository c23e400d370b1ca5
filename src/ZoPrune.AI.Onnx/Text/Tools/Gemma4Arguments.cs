using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Reads Gemma 4's way of writing objects: bare keys, and texts between tokens of their own. JSON is read as well.</summary>
internal ref struct Gemma4Arguments
{
    /// <summary>Stands before and behind a text.</summary>
    public const string Quote = "<|\"|>";

    private const int LargestDepth = 64;

    private static readonly SearchValues<char> s_keyEnds = SearchValues.Create(":{}[],\n");

    private static readonly SearchValues<char> s_plainEnds = SearchValues.Create(",}]\n<");

    private readonly ReadOnlySpan<char> _text;
    private int _at;
    private int _depth;

    private Gemma4Arguments(ReadOnlySpan<char> text) => _text = text;

    /// <summary>What has been found out about the text.</summary>
    private enum Reading
    {
        /// <summary>A value was read.</summary>
        Done,

        /// <summary>It depends on what follows.</summary>
        Incomplete,

        /// <summary>It is no value.</summary>
        Invalid,
    }

    /// <summary>Reads an object at the beginning of a text.</summary>
    /// <returns>Its length, or <see cref="JsonExtent.Incomplete"/> or <see cref="JsonExtent.Invalid"/>.</returns>
    public static int Read(ReadOnlySpan<char> text, out JsonObject arguments)
    {
        var reader = new Gemma4Arguments(text);
        arguments = [];
        var reading = reader.ReadObject(arguments);
        return reading switch
        {
            Reading.Done => reader._at,
            Reading.Incomplete => JsonExtent.Incomplete,
            _ => JsonExtent.Invalid,
        };
    }

    private Reading ReadObject(JsonObject target)
    {
        if (++_depth > LargestDepth)
        {
            return Reading.Invalid;
        }

        _at++;
        SkipSpace();
        while (_at < _text.Length && _text[_at] != '}')
        {
            var reading = ReadKey(out var key);
            if (reading != Reading.Done)
            {
                return reading;
            }

            reading = ReadValue(out var value);
            if (reading != Reading.Done)
            {
                return reading;
            }

            target[key] = value;
            if (!Separate('}'))
            {
                return Reading.Invalid;
            }
        }

        return Close();
    }

    private Reading ReadArray(JsonArray target)
    {
        if (++_depth > LargestDepth)
        {
            return Reading.Invalid;
        }

        _at++;
        SkipSpace();
        while (_at < _text.Length && _text[_at] != ']')
        {
            var reading = ReadValue(out var value);
            if (reading != Reading.Done)
            {
                return reading;
            }

            target.Add(value);
            if (!Separate(']'))
            {
                return Reading.Invalid;
            }
        }

        return Close();
    }

    private Reading Close()
    {
        _depth--;
        return _at++ < _text.Length ? Reading.Done : Reading.Incomplete;
    }

    /// <summary>Passes a comma; false if neither it nor the end of the list follows.</summary>
    private bool Separate(char end)
    {
        SkipSpace();
        if (_at < _text.Length && _text[_at] == ',')
        {
            _at++;
            SkipSpace();
            return true;
        }

        return _at == _text.Length || _text[_at] == end;
    }

    private Reading ReadKey(out string key)
    {
        key = "";
        var reading = Reading.Done;
        if (_text[_at] is '"' or '<')
        {
            reading = ReadText(out key);
        }
        else
        {
            var length = _text[_at..].IndexOfAny(s_keyEnds);
            if (length < 0)
            {
                return Reading.Incomplete;
            }

            key = _text.Slice(_at, length).Trim().ToString();
            _at += length;
            reading = key.Length > 0 ? Reading.Done : Reading.Invalid;
        }

        if (reading != Reading.Done)
        {
            return reading;
        }

        SkipSpace();
        if (_at == _text.Length)
        {
            return Reading.Incomplete;
        }

        return _text[_at++] == ':' ? Reading.Done : Reading.Invalid;
    }

    private Reading ReadValue(out JsonNode? value)
    {
        value = null;
        SkipSpace();
        if (_at == _text.Length)
        {
            return Reading.Incomplete;
        }

        switch (_text[_at])
        {
            case '{':
                var entries = new JsonObject();
                value = entries;
                return ReadObject(entries);
            case '[':
                var items = new JsonArray();
                value = items;
                return ReadArray(items);
            case '"' or '<':
                var reading = ReadText(out var text);
                value = JsonValue.Create(text);
                return reading;
            default:
                return ReadPlain(out value);
        }
    }

    private Reading ReadText(out string text)
    {
        text = "";
        var rest = _text[_at..];
        if (rest[0] == '"')
        {
            var length = QuotedLength(rest);
            if (length == 0)
            {
                return Reading.Incomplete;
            }

            if (!ToolCallJson.TryParse(rest[..length].ToString(), out var node))
            {
                return Reading.Invalid;
            }

            text = node!.GetValue<string>();
            _at += length;
            return Reading.Done;
        }

        if (Marker.IsBegun(rest, Quote))
        {
            return Reading.Incomplete;
        }

        if (!rest.StartsWith(Quote, StringComparison.Ordinal))
        {
            return Reading.Invalid;
        }

        var end = rest[Quote.Length..].IndexOf(Quote, StringComparison.Ordinal);
        if (end < 0)
        {
            return Reading.Incomplete;
        }

        text = rest.Slice(Quote.Length, end).ToString();
        _at += end + (2 * Quote.Length);
        return Reading.Done;
    }

    /// <summary>The length of a JSON string; 0 if its end is missing.</summary>
    private static int QuotedLength(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\':
                    i++;
                    break;
                case '"':
                    return i + 1;
            }
        }

        return 0;
    }

    private Reading ReadPlain(out JsonNode? value)
    {
        value = null;
        var length = _text[_at..].IndexOfAny(s_plainEnds);
        if (length < 0)
        {
            return Reading.Incomplete;
        }

        var word = _text.Slice(_at, length).Trim();
        _at += length;
        switch (word)
        {
            case "null" or "None" or "nil":
                return Reading.Done;
            case "true" or "True":
                value = JsonValue.Create(true);
                return Reading.Done;
            case "false" or "False":
                value = JsonValue.Create(false);
                return Reading.Done;
            case { Length: > 0 } when ToolCallJson.TryParse(word.ToString(), out value):
                return Reading.Done;
            case { Length: > 0 } when double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number):
                value = JsonValue.Create(number);
                return Reading.Done;
            default:
                // A text without its quotes, or an empty one.
                value = JsonValue.Create(word.ToString());
                return Reading.Done;
        }
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }
}
