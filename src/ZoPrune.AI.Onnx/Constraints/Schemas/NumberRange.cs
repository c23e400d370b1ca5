using System.Globalization;
using System.Text;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>Numbers between two bounds, as grammars.</summary>
/// <remarks>
/// At most 15 digits before and 15 behind the point, no exponent: each such number is a finite double and a decimal.
/// </remarks>
internal static class NumberRange
{
    private const int MostDigits = 15;
    private const decimal Largest = 999_999_999_999_999;

    private static readonly GrammarNode Digit = JsonText.Ascii("0123456789");

    /// <summary>Integers; <see langword="null"/> bounds: none. Null if there is no such number.</summary>
    public static GrammarNode? Integers(decimal? least, decimal? most)
    {
        var low = Math.Ceiling(Math.Max(least ?? -Largest, -Largest));
        var high = Math.Floor(Math.Min(most ?? Largest, Largest));
        if (low > high)
        {
            return null;
        }

        var options = new List<GrammarNode>();
        if (high >= 0)
        {
            options.Add(NaturalNumbers(Math.Max(low, 0), high));
        }

        if (low < 0)
        {
            options.Add(GrammarNode.Sequence(GrammarNode.Literal("-"), NaturalNumbers(Math.Max(1, -high), -low)));
        }

        return GrammarNode.AnyOf(options);
    }

    /// <summary>Numbers; null if there is none.</summary>
    public static GrammarNode? Numbers(decimal? least, bool isLeastOut, decimal? most, bool isMostOut)
    {
        var low = least is null || least < -Largest ? -Largest : least.Value;
        var high = most is null || most > Largest ? Largest : most.Value;
        isLeastOut &= least >= -Largest;
        isMostOut &= most <= Largest;
        if (low > high || (low == high && (isLeastOut || isMostOut)))
        {
            return null;
        }

        var options = new List<GrammarNode>();
        if (high > 0 || (high == 0 && !isMostOut))
        {
            options.Add(low < 0 ? Positive(0, false, high, isMostOut) : Positive(low, isLeastOut, high, isMostOut));
        }

        if (low < 0)
        {
            // Zero has no sign.
            var nearest = high >= 0 ? Positive(0, true, -low, isLeastOut) : Positive(-high, isMostOut, -low, isLeastOut);
            options.Add(GrammarNode.Sequence(GrammarNode.Literal("-"), nearest));
        }

        return GrammarNode.AnyOf(options);
    }

    private static GrammarNode NaturalNumbers(decimal low, decimal high)
    {
        var options = new List<GrammarNode>();
        if (low == 0)
        {
            options.Add(GrammarNode.Literal("0"));
            low = 1;
        }

        if (low == 1 && high == Largest)
        {
            options.Add(GrammarNode.Sequence(JsonText.Ascii("123456789"), GrammarNode.Repeat(Digit, 0, MostDigits - 1)));
        }
        else if (low <= high)
        {
            var (first, last) = (Text(low), Text(high));
            for (var length = first.Length; length <= last.Length; length++)
            {
                var from = length == first.Length ? first : "1" + new string('0', length - 1);
                var to = length == last.Length ? last : new string('9', length);
                options.AddRange(ByteStringRange.Between(
                    Encoding.ASCII.GetBytes(from), Encoding.ASCII.GetBytes(to), (byte)'0', (byte)'9'));
            }
        }

        return GrammarNode.AnyOf(options);
    }

    private static GrammarNode Positive(decimal low, bool isLowOut, decimal high, bool isHighOut)
    {
        var (lowWhole, highWhole) = (Math.Floor(low), Math.Floor(high));
        var (lowDigits, highDigits) = (Fraction(low), Fraction(high));
        if (lowWhole == highWhole)
        {
            return Whole(lowWhole, Fractions(lowDigits, isLowOut, highDigits, isHighOut));
        }

        var options = new List<GrammarNode>
        {
            Whole(lowWhole, Fractions(lowDigits, isLowOut, null, false)),
            Whole(highWhole, Fractions("", false, highDigits, isHighOut)),
        };
        if (lowWhole + 1 < highWhole)
        {
            options.Add(GrammarNode.Sequence(NaturalNumbers(lowWhole + 1, highWhole - 1), Fractions("", false, null, false)));
        }

        return GrammarNode.AnyOf(options);

        static GrammarNode Whole(decimal whole, GrammarNode fraction) => GrammarNode.Sequence(GrammarNode.Literal(Text(whole)), fraction);
    }

    /// <summary>What can follow the whole part: nothing or a point and digits.</summary>
    /// <param name="low">The digits of the lower bound.</param>
    /// <param name="isLowOut">Whether the bound itself is excluded.</param>
    /// <param name="high">The digits of the upper bound; <see langword="null"/>: none.</param>
    /// <param name="isHighOut">Whether the bound itself is excluded.</param>
    private static GrammarNode Fractions(string low, bool isLowOut, string? high, bool isHighOut)
    {
        var point = GrammarNode.Literal(".");
        if (low.Length == 0 && !isLowOut && high is null)
        {
            return GrammarNode.Optional(GrammarNode.Sequence(point, GrammarNode.Repeat(Digit, 1, MostDigits)));
        }

        var most = Math.Max(MostDigits, Math.Max(low.Length, high?.Length ?? 0));
        var options = new List<GrammarNode> { GrammarNode.Sequence(point, Digits(0, isAtLow: true, isAtHigh: high is not null, true)) };
        if (MayEnd(0, true, high is not null))
        {
            options.Add(GrammarNode.Nothing);
        }

        return GrammarNode.AnyOf(options);

        bool MayEnd(int place, bool isAtLow, bool isAtHigh) =>
            (!isAtLow || (!isLowOut && place >= low.Length)) && (!isAtHigh || !isHighOut || place < high!.Length);

        GrammarNode Digits(int place, bool isAtLow, bool isAtHigh, bool isFirst)
        {
            if (!isAtLow && !isAtHigh)
            {
                return GrammarNode.Repeat(Digit, isFirst ? 1 : 0, most - place);
            }

            var choices = new List<GrammarNode>();
            if (!isFirst && MayEnd(place, isAtLow, isAtHigh))
            {
                choices.Add(GrammarNode.Nothing);
            }

            var from = !isAtLow || place >= low.Length ? '0' : low[place];
            var to = !isAtHigh ? '9' : place >= high!.Length ? '0' : high[place];
            for (var digit = from; place < most && digit <= to; digit++)
            {
                var staysLow = isAtLow && digit == from;
                var staysHigh = isAtHigh && digit == to;
                choices.Add(GrammarNode.Sequence(
                    GrammarNode.Literal(digit.ToString()), Digits(place + 1, staysLow, staysHigh, isFirst: false)));
            }

            return GrammarNode.AnyOf(choices);
        }
    }

    private static string Text(decimal whole) => whole.ToString("0", CultureInfo.InvariantCulture);

    /// <summary>The digits behind the point, without zeros at the end.</summary>
    private static string Fraction(decimal value)
    {
        var text = (value - Math.Floor(value)).ToString("0.############################", CultureInfo.InvariantCulture);
        return text.Length > 2 ? text[2..] : "";
    }
}
