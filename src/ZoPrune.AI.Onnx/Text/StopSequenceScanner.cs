using System.Text;

namespace ZoPrune.AI.Onnx.Text;

/// <summary>Watches streamed text for stop sequences and holds back what may still become one.</summary>
/// <remarks>
/// The stop sequence that is complete first wins, and of several that are complete at the same character the longest; how the text is
/// cut into pieces makes no difference. The stop itself and everything behind it is dropped. One instance serves one stream; it is not
/// thread-safe.
/// </remarks>
public sealed class StopSequenceScanner
{
    private readonly string[] _stops;
    private readonly int[][] _fallbacks;
    private readonly int[] _matched;
    private readonly StringBuilder _heldBack = new();

    /// <summary>Makes a scanner.</summary>
    /// <param name="stops">The stop sequences, compared ordinally; none means that nothing ever stops.</param>
    /// <exception cref="ArgumentException">A stop sequence is null or empty.</exception>
    public StopSequenceScanner(IReadOnlyList<string> stops)
    {
        ArgumentNullException.ThrowIfNull(stops);
        if (stops.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("A stop sequence must not be null or empty.", nameof(stops));
        }

        _stops = [.. stops];
        _fallbacks = [.. _stops.Select(FallbacksOf)];
        _matched = new int[_stops.Length];
    }

    /// <summary>True once a stop sequence was found.</summary>
    public bool IsStopped => StopSequence is not null;

    /// <summary>The stop sequence that was found, or null.</summary>
    public string? StopSequence { get; private set; }

    /// <summary>Takes the next text and returns what can be passed on; empty once stopped.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public string Append(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsStopped)
        {
            return "";
        }

        if (_stops.Length == 0)
        {
            return text;
        }

        foreach (var character in text)
        {
            _heldBack.Append(character);
            if (Advance(character) is { } stop)
            {
                StopSequence = stop;
                return Release(stop.Length, drop: true);
            }
        }

        return Release(_matched.Length == 0 ? 0 : _matched.Max(), drop: false);
    }

    /// <summary>Ends the stream: returns what was held back and did not become a stop sequence.</summary>
    public string Flush()
    {
        Array.Clear(_matched);
        return Release(0, drop: true);
    }

    private string? Advance(char character)
    {
        // Knuth, Morris, Pratt 1977: the longest prefix of each stop sequence that ends here.
        string? complete = null;
        for (var i = 0; i < _stops.Length; i++)
        {
            var stop = _stops[i];
            var length = _matched[i];
            while (length > 0 && stop[length] != character)
            {
                length = _fallbacks[i][length - 1];
            }

            length += stop[length] == character ? 1 : 0;
            _matched[i] = length;
            if (length == stop.Length)
            {
                complete = complete is null || complete.Length < stop.Length ? stop : complete;
                _matched[i] = 0;
            }
        }

        return complete;
    }

    private string Release(int keep, bool drop)
    {
        var text = _heldBack.ToString(0, _heldBack.Length - keep);
        _heldBack.Remove(0, drop ? _heldBack.Length : text.Length);
        return text;
    }

    private static int[] FallbacksOf(string stop)
    {
        var fallbacks = new int[stop.Length];
        for (int i = 1, length = 0; i < stop.Length; i++)
        {
            while (length > 0 && stop[i] != stop[length])
            {
                length = fallbacks[length - 1];
            }

            length += stop[i] == stop[length] ? 1 : 0;
            fallbacks[i] = length;
        }

        return fallbacks;
    }
}
