// An orchestrating model that cannot see calls a vision plugin that can: ZoPrune.AI's local model behind Semantic Kernel functions.
//
//   dotnet run --project samples/SemanticKernelPlugin                      a SCRIPT plays the orchestrating model; nothing is downloaded
//   dotnet run --project samples/SemanticKernelPlugin -- "your question"   with an orchestrating model of your own (see below)
//
// The bundled vision model cannot orchestrate: it only knows how to look at small pictures. A real orchestrating model behind any
// OpenAI-compatible endpoint is used instead of the script when these are set:
//   ZOPRUNE_ORCHESTRATOR__ENDPOINT=http://localhost:11434/v1  ZOPRUNE_ORCHESTRATOR__MODEL=qwen3  [ZOPRUNE_ORCHESTRATOR__KEY=…]
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using SemanticKernelPlugin;
using ZoPrune.AI;
using ZoPrune.AI.SemanticKernel.Vision;

var configuration = new ConfigurationBuilder().AddEnvironmentVariables("ZOPRUNE_").Build();
var orchestrator = Orchestrator.Create(configuration.GetSection("Orchestrator"), out var isScripted);
if (isScripted && args.Length > 0)
{
    Console.Error.WriteLine("A script cannot answer your question: set ZOPRUNE_ORCHESTRATOR__ENDPOINT and ZOPRUNE_ORCHESTRATOR__MODEL.");
    return 2;
}

// The images of this conversation. The model learns their ids, never where they lie.
var images = new ImageStore();
foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "pictures"), "*.png").Order(StringComparer.Ordinal))
{
    images.Add(await File.ReadAllBytesAsync(file), description: $"picture {images.Count + 1} of the shelf");
}

// The kernel: a local vision model, the plugin that asks it, and the model that orchestrates.
var isBundled = string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ZoPruneOptions.ModelPathVariable));
var builder = Kernel.CreateBuilder();
builder.AddZoPruneChatClient(serviceId: "eye");
builder.Plugins.AddZoPruneVision(images, "eye", isBundled ? Prompts.OfPocketVlm() : null);
builder.Services.AddSingleton(orchestrator.AsChatCompletionService());
builder.Services.AddSingleton<IAutoFunctionInvocationFilter, CallPrinter>();
var kernel = builder.Build();
using var services = (ServiceProvider)kernel.Services;

Console.WriteLine(isScripted
    ? "*** The orchestrating model is a SCRIPT that knows beforehand what to call. What it gets back is real: the bundled model looks. ***"
    : "The orchestrating model is the one behind your endpoint.");
Console.WriteLine();

var question = args.Length > 0 ? string.Join(' ', args) : ScriptedOrchestrator.Question;
Console.WriteLine($"user: {question}");
var history = new ChatHistory(
    "You cannot see. To learn what is in the user's pictures, call the vision functions; then answer in a few words.");
history.AddUserMessage(question);
try
{
    var answer = await kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(
        history, new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel);
    Console.WriteLine($"assistant{(isScripted ? " (script)" : string.Empty)}: {answer.Content}");
}
catch (Exception e) when (e is not OperationCanceledException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

return 0;
