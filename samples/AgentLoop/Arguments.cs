using System.Globalization;

namespace AgentLoop;

/// <summary>What the command line asks for.</summary>
/// <param name="Rounds">How often the two conversations are run.</param>
/// <param name="File">Where the table goes, beside the console.</param>
internal sealed record Arguments(int Rounds, string? File)
{
    /// <summary>Reads the command line; <see langword="null"/> if it cannot be understood.</summary>
    public static Arguments? Parse(string[] args)
    {
        var result = new Arguments(1, null);
        for (var i = 0; i < args.Length; i += 2)
        {
            switch (args[i], args.ElementAtOrDefault(i + 1))
            {
                case ("--rounds", { } text) when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) && rounds > 0:
                    result = result with { Rounds = rounds };
                    break;
                case ("--save", { Length: > 0 } file):
                    result = result with { File = file };
                    break;
                default:
                    return null;
            }
        }

        return result;
    }
}
