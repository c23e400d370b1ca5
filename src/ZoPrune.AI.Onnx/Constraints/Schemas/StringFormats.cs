namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>The formats of strings that are kept to; all others are notes that constrain nothing, as the standard has it.</summary>
internal static class StringFormats
{
    private const string Day =
        "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))";

    private const string LeapYear = "([1-9][0-9](0[48]|[2468][048]|[13579][26])|(1[26]|[2468][048]|[3579][26])00)";
    private const string Date = "([1-9][0-9]{3}-" + Day + "|" + LeapYear + "-02-29)";

    // Not so late that an offset leads out of .NET's calendar.
    private const string DateBefore9000 = "([1-8][0-9]{3}-" + Day + "|[1-8][0-9](0[48]|[2468][048]|[13579][26])-02-29)";
    private const string Time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,7})?";
    private const string Offset = "[+-](0[0-9]|1[0-3]):[0-5][0-9]";

    /// <summary>The regular expression of a format, or null.</summary>
    public static string? PatternOf(string format) => format switch
    {
        "date" => $"^{Date}$",
        "time" => $"^{Time}$",
        "date-time" => $"^({Date}T{Time}Z|{DateBefore9000}T{Time}{Offset})$",
        "uuid" => "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        "email" => @"^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]+(-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}$",
        _ => null,
    };
}
