using Microsoft.Extensions.AI;
using ZoPrune.AI;
using ZoPrune.AI.Onnx.Images;

namespace Quickstart;

/// <summary>One question asked twice: with all visual tokens and with a quarter of them.</summary>
internal static class SideBySide
{
    private const double Quarter = 0.25;

    public static async Task WarmUpAsync(IChatClient client, PictureQuestion asked)
    {
        var picture = await File.ReadAllBytesAsync(asked.File);
        for (var i = 0; i < 3; i++)
        {
            await AskAsync(client, picture, asked.Question, keepRatio: 1);
            await AskAsync(client, picture, asked.Question, Quarter);
        }
    }

    public static async Task ShowAsync(IChatClient client, PictureQuestion asked)
    {
        var picture = await File.ReadAllBytesAsync(asked.File);
        var unpruned = await AskAsync(client, picture, asked.Question, keepRatio: 1);
        var pruned = await AskAsync(client, picture, asked.Question, Quarter);

        Console.WriteLine();
        Console.WriteLine($"{Path.GetFileName(asked.File)}: {asked.Question}");
        Print("all tokens", unpruned);
        Print("a quarter", pruned);

        var report = pruned.GetPruningReport()!.Images[0];
        foreach (var note in report.Notes)
        {
            Console.WriteLine($"  note: {note}");
        }

        if (report.Grid is { } grid)
        {
            var output = Path.Combine("quickstart-output", Path.GetFileNameWithoutExtension(asked.File) + "-kept.png");
            Directory.CreateDirectory("quickstart-output");
            await File.WriteAllBytesAsync(output, KeptTokensPicture.Draw(picture, grid, report.Kept));
            Console.WriteLine($"  kept tokens drawn over the picture: {output}");
        }
    }

    private static Task<ChatResponse> AskAsync(IChatClient client, byte[] picture, string question, double keepRatio) =>
        client.GetResponseAsync(
            new ChatMessage(ChatRole.User, [new DataContent(picture, "image/*"), new TextContent(question)]),
            new ChatOptions().WithPruning(p => p.KeepRatio = keepRatio));

    private static void Print(string name, ChatResponse response)
    {
        var report = response.GetPruningReport()!;
        var times = response.GetStageTimes()!;
        Console.WriteLine($"  {name,-10} -> {response.Text}");
        Console.WriteLine(
            $"  {"",-10}    {report.VisualTokensKept} of {report.VisualTokens} visual tokens; vision {Ms(times.Vision)}, "
            + $"sensitivity {Ms(times.Sensitivity)}, selection {Ms(times.Selection)}, prefill {Ms(times.Prefill)}, first token {Ms(times.FirstToken)}");
    }

    private static string Ms(TimeSpan time) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F1} ms");
}
