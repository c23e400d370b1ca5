using System.Globalization;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A floating-point number, or a whole one beyond 64 bits.</summary>
/// <param name="value">The number, as near as it can be.</param>
/// <param name="digits">What is written of a whole number, which must not lose its digits; null: what Python writes of the float.</param>
internal sealed class FloatValue(double value, string? digits = null) : TemplateValue
{
    public double Value { get; } = value;

    public override string TypeName => "float";

    public override bool IsTrue => Value != 0;

    /// <summary>The number as Python's <c>repr</c> writes it: the shortest digits, an exponent below 1e-4 and from 1e16.</summary>
    public static string Format(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var sign = double.IsNegative(value) ? "-" : "";
        if (value == 0)
        {
            return sign + "0.0";
        }

        // "R" gives the shortest digits that read back as the number; only where .NET puts an exponent differs.
        var parts = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        exponent += (point < 0 ? parts[0].Length : point) - 1;
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        exponent -= all.Length - digits.Length;
        digits = digits.TrimEnd('0');
        if (exponent is < -4 or >= 16)
        {
            var mantissa = digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits;
            return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0)
        {
            return sign + "0." + new string('0', -exponent - 1) + digits;
        }

        digits = digits.PadRight(exponent + 2, '0');
        return $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    public override void Write(TracedTextBuilder text, RenderContext context) => text.Append(digits ?? Format(Value), isUser: false);
}
