using System.Globalization;
using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Unicode normalisation (UAX 15) from tables of its own, because <see cref="string.Normalize()"/> does nothing to text beyond
/// ASCII where an application runs with invariant globalisation.</summary>
internal sealed class UnicodeNormalization
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28, SyllableCount = LeadCount * VowelCount * TailCount;

    private static readonly Lazy<UnicodeNormalization> Loaded = new(() => new UnicodeNormalization());

    private readonly Dictionary<int, int> _classes = [];
    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatible = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];
    private readonly HashSet<int> _seconds = [];
    private readonly HashSet<int> _excluded = [];

    private UnicodeNormalization()
    {
        using var stream = typeof(UnicodeNormalization).Assembly.GetManifestResourceStream("UnicodeNormalization.txt")
            ?? throw new InvalidOperationException("The resource UnicodeNormalization.txt is missing.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            Add(line);
        }

        foreach (var (composed, parts) in _canonical)
        {
            if (parts.Length == 2 && !_excluded.Contains(composed))
            {
                _compositions[(parts[0], parts[1])] = composed;
                _seconds.Add(parts[1]);
            }
        }
    }

    public static UnicodeNormalization Tables => Loaded.Value;

    public string Normalize(string text, NormalizationForm form)
    {
        var composes = form is NormalizationForm.FormC or NormalizationForm.FormKC;
        if (form == NormalizationForm.FormC && text.EnumerateRunes().All(rune => IsInert(rune.Value)))
        {
            return text;
        }

        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, form is NormalizationForm.FormKC or NormalizationForm.FormKD, points);
        }

        Reorder(points);
        if (composes)
        {
            Compose(points);
        }

        var result = new StringBuilder(points.Count);
        foreach (var point in points)
        {
            result.Append(new Rune(point));
        }

        return result.ToString();
    }

    // NFC leaves a text of such characters as it is.
    private bool IsInert(int point) =>
        point < 0x300 || (!_classes.ContainsKey(point) && !_seconds.Contains(point) && !_excluded.Contains(point)
            && point is not (>= VowelBase and < VowelBase + VowelCount) and not (> TailBase and < TailBase + TailCount));

    private void Decompose(int point, bool compatible, List<int> points)
    {
        if (point - HangulBase is >= 0 and < SyllableCount)
        {
            var index = point - HangulBase;
            points.Add(LeadBase + (index / (VowelCount * TailCount)));
            points.Add(VowelBase + (index % (VowelCount * TailCount) / TailCount));
            if (index % TailCount > 0)
            {
                points.Add(TailBase + (index % TailCount));
            }
        }
        else if (_canonical.TryGetValue(point, out var parts) || (compatible && _compatible.TryGetValue(point, out parts)))
        {
            foreach (var part in parts)
            {
                Decompose(part, compatible, points);
            }
        }
        else
        {
            points.Add(point);
        }
    }

    private int ClassOf(int point) => _classes.GetValueOrDefault(point);

    private void Reorder(List<int> points)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && ClassOf(points[end]) != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                var sorted = points.GetRange(start, end - start).OrderBy(ClassOf).ToList();
                for (var i = 0; i < sorted.Count; i++)
                {
                    points[start + i] = sorted[i];
                }
            }

            start = end > start ? end - 1 : start;
        }
    }

    private void Compose(List<int> points)
    {
        var count = 0;
        var starter = -1;
        var lastClass = -1;
        foreach (var point in points.ToArray())
        {
            var pointClass = ClassOf(point);

            // A mark is blocked by one of its own class or higher between it and the starter.
            if (starter >= 0 && lastClass < pointClass && Pair(points[starter], point) is { } composed)
            {
                points[starter] = composed;
                continue;
            }

            if (pointClass == 0)
            {
                starter = count;
                lastClass = -1;
            }
            else
            {
                lastClass = pointClass;
            }

            points[count++] = point;
        }

        points.RemoveRange(count, points.Count - count);
    }

    private int? Pair(int first, int second)
    {
        if (first - LeadBase is >= 0 and < LeadCount && second - VowelBase is >= 0 and < VowelCount)
        {
            return HangulBase + ((((first - LeadBase) * VowelCount) + (second - VowelBase)) * TailCount);
        }

        if (first - HangulBase is >= 0 and < SyllableCount && (first - HangulBase) % TailCount == 0
            && second - TailBase is > 0 and < TailCount)
        {
            return first + (second - TailBase);
        }

        return _compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private void Add(string line)
    {
        var parts = line.Split(' ');
        int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        switch (parts[0])
        {
            case "c":
                foreach (var point in parts.Skip(2))
                {
                    _classes[Hex(point)] = int.Parse(parts[1], CultureInfo.InvariantCulture);
                }

                break;
            case "d":
                _canonical[Hex(parts[1])] = [.. parts.Skip(2).Select(Hex)];
                break;
            case "k":
                _compatible[Hex(parts[1])] = [.. parts.Skip(2).Select(Hex)];
                break;
            case "x":
                _excluded.UnionWith(parts.Skip(1).Select(Hex));
                break;
        }
    }
}
