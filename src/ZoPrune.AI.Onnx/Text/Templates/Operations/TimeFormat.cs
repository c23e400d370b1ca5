using System.Globalization;
using System.Text;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>C's <c>strftime</c> in the C locale.</summary>
internal static class TimeFormat
{
    public static string Format(DateTimeOffset time, string format, RenderContext context)
    {
        var result = new StringBuilder();
        for (var position = 0; position < format.Length; position++)
        {
            if (format[position] != '%' || position + 1 == format.Length)
            {
                result.Append(format[position]);
                continue;
            }

            // "%-d" is glibc's form without padding.
            var unpadded = format[++position] == '-' && position + 1 < format.Length;
            position += unpadded ? 1 : 0;
            var field = Field(time, format[position])
                ?? throw context.Error($"strftime_now does not know '%{format[position]}'.");
            result.Append(unpadded && field.Length > 1 ? field.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : field);
        }

        return result.ToString();
    }

    private static string? Field(DateTimeOffset time, char field)
    {
        string Written(string format) => time.ToString(format, CultureInfo.InvariantCulture);
        return field switch
        {
            'Y' => Written("yyyy"),
            'y' => Written("yy"),
            'm' => Written("MM"),
            'd' => Written("dd"),
            'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'B' => Written("MMMM"),
            'b' or 'h' => Written("MMM"),
            'A' => Written("dddd"),
            'a' => Written("ddd"),
            'H' => Written("HH"),
            'I' => Written("hh"),
            'M' => Written("mm"),
            'S' => Written("ss"),
            'f' => Written("ffffff"),
            'p' => Written("tt"),
            'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'F' => Written("yyyy-MM-dd"),
            'T' or 'X' => Written("HH:mm:ss"),
            'R' => Written("HH:mm"),
            'D' or 'x' => Written("MM/dd/yy"),
            'c' => Written("ddd MMM ") + time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + Written(" HH:mm:ss yyyy"),
            's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            'z' => Written("zzz").Replace(":", "", StringComparison.Ordinal),
            'Z' => "",
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            _ => null,
        };
    }
}
