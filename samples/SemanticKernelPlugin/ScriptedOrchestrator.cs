using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace SemanticKernelPlugin;

/// <summary>
/// NOT A MODEL: a script that stands in for an orchestrating model, so that the sample runs without one. Its calls are fixed; the results,
/// from which it puts its answer together, are those of the vision plugin.
/// </summary>
internal sealed class ScriptedOrchestrator : IChatClient
{
    public const string Question =
        "Which colors are the sneakers in my first two pictures, what does the price tag say, and what is in the third?";

    // The second call is a mistake that models make, a file name: the plugin's answer says how to put it right.
    private static readonly (string Function, Dictionary<string, object?> Arguments)[] s_calls =
    [
        ("vision_list_images", []),
        ("vision_read_text", new() { ["image_id"] = "shelf/003.png" }),
        ("vision_read_text", new() { ["image_id"] = "image-2" }),
        ("vision_compare_images", new()
        {
            ["first_id"] = "image-1",
            ["second_id"] = "image-2",
            ["question"] = "Which color is the sneaker?",
        }),
        ("vision_describe_image", new() { ["image_id"] = "image-3" }),
    ];

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var results = messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(r => $"{r.Result}").ToArray();
        var message = results.Length < s_calls.Length
            ? Call(s_calls[results.Length], results.Length)
            : new ChatMessage(
                ChatRole.Assistant,
                $"The tag says {results[2]} Sneakers: {results[3].ReplaceLineEndings(" ")} image-3 is {results[4]}");
        return Task.FromResult(new ChatResponse(message) { ModelId = "script" });
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static ChatMessage Call((string Function, Dictionary<string, object?> Arguments) call, int number) =>
        new(ChatRole.Assistant, [new FunctionCallContent($"call-{number}", call.Function, call.Arguments)]);
}
