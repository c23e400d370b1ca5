using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace AgentLoop;

/// <summary>
/// Ten turns about two pictures. As agents do, it sends the whole history with both pictures on every turn; nothing is kept but messages.
/// </summary>
internal static class Conversation
{
    // An orchestrator would think of these; the bundled model cannot, so they are written down. It was trained on one picture and one
    // question, and may mix two pictures up: what the turns cost is the point here.
    private static readonly string[] s_questions =
    [
        "What number is on the tag?",
        "Which color is the sneaker?",
        "Is there a tag?",
        "How many bags are there?",
        "What is at the top left?",
        "Where is the sneaker?",
        "Is there a red shirt?",
        "Which color is the bag?",
        "How many sandals are there?",
        "What is at the bottom left?",
    ];

    public static async Task<List<Turn>> RunAsync(IChatClient client)
    {
        var history = new List<ChatMessage>();
        var turns = new List<Turn>();
        foreach (var question in s_questions)
        {
            history.Add(history.Count == 0
                ? new ChatMessage(ChatRole.User, [Picture("003.png"), Picture("004.png"), new TextContent(question)])
                : new ChatMessage(ChatRole.User, question));

            var start = Stopwatch.GetTimestamp();
            var response = await client.GetResponseAsync(history);
            turns.Add(Turn.Of(question, response, Stopwatch.GetElapsedTime(start)));
            history.AddRange(response.Messages);
        }

        return turns;
    }

    /// <summary>Another conversation about another picture: loads the model and compiles code, and leaves nothing that could be reused.</summary>
    public static async Task WarmUpAsync(IChatClient client)
    {
        for (var i = 0; i < 3; i++)
        {
            await client.GetResponseAsync(new ChatMessage(ChatRole.User, [Picture("002.png"), new TextContent("Describe this picture.")]));
            await client.GetResponseAsync("Hello");
        }
    }

    private static DataContent Picture(string name) =>
        new(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "pictures", name)), "image/png");
}
