using System.CommandLine;

namespace ZoPrune.AI.Tool;

/// <summary>The root command <c>zoprune</c>.</summary>
internal static class ZoPruneCommand
{
    /// <summary>Parses the arguments and runs what they ask for.</summary>
    /// <returns>0, 1 if the folder would not load, 2 for wrong arguments.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Looks at folders of ONNX vision-language models.") { InspectCommand.Create(output) };
        var result = root.Parse(arguments);
        if (result.Errors.Count > 0)
        {
            foreach (var fault in result.Errors)
            {
                await error.WriteLineAsync(fault.Message).ConfigureAwait(false);
            }

            await error.WriteLineAsync("Try 'zoprune --help' or 'zoprune inspect --help'.").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        return await result.InvokeAsync(new InvocationConfiguration { Output = output, Error = error }).ConfigureAwait(false);
    }
}
