// Asks the bundled model about a picture with ONNX Runtime GenAI as the language model, unpruned and from a quarter of the visual tokens.
//
//   dotnet run --project samples/Cuda                        an NVIDIA GPU
//   dotnet run --project samples/Cuda -p:GenAI=DirectML      any DirectX 12 GPU, on Windows
//   dotnet run --project samples/Cuda -p:GenAI=Cpu           to try it without a GPU
//
// What has to be installed: README.md beside this file.
using Cuda;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using ZoPrune.AI;

var services = new ServiceCollection();
services.AddZoPruneChatClient(options =>
{
    Device.Use(options);
    // The same picture is asked about again and again; its times are to show pruning, not reuse.
    options.Caching = new CachingOptions { VisionFeatureBytes = 0, KeyValueBytes = 0 };
});
await using var provider = services.BuildServiceProvider();

try
{
    var client = provider.GetRequiredService<IChatClient>();
    var picture = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "pictures", "003.png"));

    // The first calls load the model and set up the device.
    await AskAsync(client, picture, keepRatio: 1);
    await AskAsync(client, picture, keepRatio: 0.25);

    Console.WriteLine($"Language model: ONNX Runtime GenAI on {Device.Name}. What number is on the tag?");
    Print("all tokens", await AskAsync(client, picture, keepRatio: 1));
    Print("a quarter", await AskAsync(client, picture, keepRatio: 0.25));
    return 0;
}
catch (Exception e) when (e is not OperationCanceledException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static Task<ChatResponse> AskAsync(IChatClient client, byte[] picture, double keepRatio) =>
    client.GetResponseAsync(
        new ChatMessage(ChatRole.User, [new DataContent(picture, "image/*"), new TextContent("What number is on the tag?")]),
        new ChatOptions().WithPruning(p => p.KeepRatio = keepRatio));

static void Print(string name, ChatResponse response)
{
    var report = response.GetPruningReport()!;
    var times = response.GetStageTimes()!;
    Console.WriteLine(string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"  {name,-10} -> {response.Text}  ({report.VisualTokensKept} of {report.VisualTokens} visual tokens; "
        + $"vision {times.Vision.TotalMilliseconds:F1} ms, prefill {times.Prefill.TotalMilliseconds:F1} ms, "
        + $"first token {times.FirstToken.TotalMilliseconds:F1} ms)"));
}
