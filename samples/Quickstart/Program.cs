// Asks a vision-language model about a picture, unpruned and from a quarter of its visual tokens, and shows what was kept.
//
//   dotnet run --project samples/Quickstart                             the bundled pictures
//   dotnet run --project samples/Quickstart -- picture.png "question"   your own
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Quickstart;
using ZoPrune.AI;

if (args.Length is not (0 or 2))
{
    Console.Error.WriteLine("Usage: dotnet run --project samples/Quickstart [-- PICTURE \"QUESTION\"]");
    return 2;
}

if (args is [var file, _] && !File.Exists(file))
{
    Console.Error.WriteLine($"There is no file '{file}'.");
    return 1;
}

// The whole set-up: the bundled model, a third of the visual tokens where nobody says otherwise. Your application leaves the caching on; here
// the same picture is asked about again and again, and its times are to show pruning, not reuse (for that see samples/AgentLoop).
var services = new ServiceCollection();
services.AddZoPruneChatClient(options => options.Caching = new CachingOptions { VisionFeatureBytes = 0, KeyValueBytes = 0 });
await using var provider = services.BuildServiceProvider();
var client = provider.GetRequiredService<IChatClient>();

var questions = args is [var picture, var question] ? [new PictureQuestion(picture, question)] : PictureQuestion.Bundled;
if (args.Length == 2)
{
    Console.WriteLine("Note: the bundled model only knows coloured garments and price tags in dark 256 x 256 scenes; other pictures give nonsense.");
    Console.WriteLine("Set ZOPRUNE_MODEL_PATH to a model folder to ask another one.");
}

try
{
    // The first call loads the model and compiles code; its times would say nothing about pruning.
    await SideBySide.WarmUpAsync(client, questions[0]);
    foreach (var asked in questions)
    {
        await SideBySide.ShowAsync(client, asked);
    }
}
catch (Exception e) when (e is not OperationCanceledException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

return 0;
