using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Clients;

/// <summary>Calls of the chat client, with a watch.</summary>
internal static class ChatCalls
{
    /// <summary>Asks once, streaming.</summary>
    public static Task<ChatTimes> AskAsync(IChatClient client, ChatRequest request, CancellationToken cancellation) =>
        AskAsync(client, [request.Message()], request.Options(), cancellation);

    /// <summary>Goes on with a conversation, streaming.</summary>
    public static async Task<ChatTimes> AskAsync(
        IChatClient client, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken cancellation)
    {
        var updates = new List<ChatResponseUpdate>();
        var start = Stopwatch.GetTimestamp();
        var first = 0L;
        await foreach (var update in client.GetStreamingResponseAsync(messages, options, cancellation))
        {
            first = first == 0 ? Stopwatch.GetTimestamp() : first;
            updates.Add(update);
        }

        var end = Stopwatch.GetTimestamp();
        var response = updates.ToChatResponse();
        var behindFirst = (response.Usage!.OutputTokenCount ?? 1) - 1;
        return new ChatTimes(
            Stopwatch.GetElapsedTime(start, first).TotalMilliseconds,
            behindFirst == 0 ? 0 : behindFirst / Stopwatch.GetElapsedTime(first, end).TotalSeconds,
            updates.Select(update => update.GetStageTimes()).OfType<StageTimes>().Last(),
            (int)response.Usage.InputTokenCount!.Value,
            [.. response.Messages]);
    }

    /// <summary>
    /// The managed bytes that are allocated behind the second update of an answer, up to its end: what an answer allocates once is there by
    /// then.
    /// </summary>
    public static async Task<long> CountBytesAsync(IChatClient client, ChatRequest request, CancellationToken cancellation)
    {
        var (before, updates) = (0L, 0);
        await foreach (var _ in client.GetStreamingResponseAsync([request.Message()], request.Options(), cancellation))
        {
            before = ++updates == 2 ? GC.GetTotalAllocatedBytes(precise: true) : before;
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    /// <summary>A client of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="threads">Threads inside one operation.</param>
    /// <param name="reuses">Whether features and keys and values are kept between calls.</param>
    /// <param name="usesGenAI">Whether ONNX Runtime GenAI is the language model.</param>
    public static ZoPruneChatClient Create(string folder, int threads, bool reuses = false, bool usesGenAI = false)
    {
        var options = new ZoPruneOptions { ModelPath = folder, Threads = threads };
        if (!reuses)
        {
            options.Caching = new CachingOptions { VisionFeatureBytes = 0, KeyValueBytes = 0 };
        }

        return ZoPruneChatClient.Create(usesGenAI ? options.UseOnnxRuntimeGenAI() : options);
    }
}
