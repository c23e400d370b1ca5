using System.Collections.Immutable;
using System.Text;

namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>
/// The keys that the open objects of a JSON text have so far: what a grammar without context cannot know, that a key must not come twice.
/// Immutable.
/// </summary>
/// <remarks>
/// Keys are compared as they are written; keys of the model's own choice can be written in one way only. Outside of objects and arrays
/// everything is passed over.
/// </remarks>
internal sealed record KeyTracker
{
    private sealed record Container(Container? Outer, ImmutableHashSet<string>? Keys);

    private readonly Container? _innermost;
    private readonly KeyScan _scan;
    private readonly string _key = "";

    public KeyTracker()
    {
    }

    private KeyTracker(Container? innermost, KeyScan scan, string key)
    {
        (_innermost, _scan, _key) = (innermost, scan, key);
    }

    /// <summary>A token needs at least so many quotes to begin and end another key.</summary>
    public int QuotesOfAnotherKey => _scan is KeyScan.Outside or KeyScan.BeforeKey ? 2 : 3;

    /// <summary>Whether the text is in a key which, ended here, would be there twice.</summary>
    public bool IsAtKnownKey => _scan == KeyScan.Key && _innermost!.Keys!.Contains(_key);

    /// <summary>
    /// How tokens go on, with its closing quote, that end the key which the text is in and make it one that is there already.
    /// </summary>
    public IEnumerable<byte[]> EndsOfKnownKeys() => _scan != KeyScan.Key
        ? []
        : _innermost!.Keys!
            .Where(key => key.StartsWith(_key, StringComparison.Ordinal))
            .Select(key => Encoding.Latin1.GetBytes(key[_key.Length..] + '"'));

    /// <summary>Reads the bytes of a token.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="repeatsKey">Whether a key ended for the second time.</param>
    public KeyTracker Read(ReadOnlySpan<byte> bytes, out bool repeatsKey)
    {
        repeatsKey = false;
        var (innermost, scan, key) = (_innermost, _scan, _key);
        var start = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var value = bytes[i];
            switch (scan)
            {
                case KeyScan.Key when value == '"':
                    key += Encoding.Latin1.GetString(bytes[start..i]);
                    repeatsKey |= innermost!.Keys!.Contains(key);
                    innermost = innermost with { Keys = innermost.Keys!.Add(key) };
                    key = "";
                    scan = KeyScan.Outside;
                    break;
                case KeyScan.Key:
                    scan = value == '\\' ? KeyScan.KeyEscape : KeyScan.Key;
                    break;
                case KeyScan.KeyEscape:
                    scan = KeyScan.Key;
                    break;
                case KeyScan.String:
                    scan = value == '\\' ? KeyScan.StringEscape : value == '"' ? KeyScan.Outside : KeyScan.String;
                    break;
                case KeyScan.StringEscape:
                    scan = KeyScan.String;
                    break;
                case KeyScan.BeforeKey when value == '"':
                    scan = KeyScan.Key;
                    start = i + 1;
                    break;
                default:
                    (innermost, scan) = Outside(innermost, scan, value);
                    break;
            }
        }

        if (scan is KeyScan.Key or KeyScan.KeyEscape)
        {
            key += Encoding.Latin1.GetString(bytes[start..]);
        }

        return new KeyTracker(innermost, scan, key);
    }

    private static (Container? Innermost, KeyScan Scan) Outside(Container? innermost, KeyScan scan, byte value) => (char)value switch
    {
        '{' => (new Container(innermost, []), KeyScan.BeforeKey),
        '[' => (new Container(innermost, null), KeyScan.Outside),
        '}' or ']' => (innermost?.Outer, KeyScan.Outside),
        ',' when innermost?.Keys is not null => (innermost, KeyScan.BeforeKey),
        '"' when innermost is not null => (innermost, KeyScan.String),
        _ => (innermost, scan),
    };
}
