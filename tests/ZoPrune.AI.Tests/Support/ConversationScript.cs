using Microsoft.Extensions.AI;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Tests.Support;

/// <summary>Turns, pictures that come later, edited and branched histories, other settings; the answers are made up.</summary>
internal static class ConversationScript
{
    private const int AnswerLength = 12;

    public static IEnumerable<(string Name, ChatMessage[] Messages, ChatOptions Options)> Of(string folder)
    {
        // This one answers about pictures alone, and its template takes no conversation.
        var isSingleTurn = folder == "paligemma";
        var (first, second) = (Picture("photo160x120.jpg"), Picture("square56.png"));
        ChatMessage ask = new(ChatRole.User, [first, new TextContent("What is in the picture?")]);
        ChatMessage answer = new(ChatRole.Assistant, "a cat and a dog");
        ChatMessage more = new(ChatRole.User, "Where are they?");
        yield return ("first turn", [ask], Greedy());
        yield return ("regenerated", [ask], Greedy());
        yield return ("another question", [new(ChatRole.User, [first, new TextContent("What colour is it?")])], Greedy());
        yield return ("another picture", [new(ChatRole.User, [second, new TextContent("What is in the picture?")])], Greedy());
        yield return ("two pictures", [new(ChatRole.User, [first, new TextContent("and"), second, new TextContent("Compare.")])], Greedy());
        yield return ("two pictures, turned round", [new(ChatRole.User, [second, new TextContent("and"), first, new TextContent("Compare.")])], Greedy());
        yield return ("other ratio", [ask], Greedy(p => p.KeepRatio = 0.5));
        yield return ("all tokens", [ask], Greedy(p => p.KeepRatio = 1));
        yield return ("other selector", [ask], Greedy(p => p.Selector = TokenSelection.UniformGrid));
        yield return ("sampled", [ask], new ChatOptions { MaxOutputTokens = AnswerLength, Temperature = 0.8f, Seed = 7 });
        if (isSingleTurn)
        {
            yield break;
        }

        yield return ("second turn", [ask, answer, more], Greedy());
        yield return ("second turn, other ratio", [ask, answer, more], Greedy(p => p.KeepRatio = 0.25));
        yield return ("edited answer", [ask, new(ChatRole.Assistant, "a cat and a bird"), more], Greedy());
        yield return ("branch", [ask, answer, new(ChatRole.User, "How many?")], Greedy());
        yield return ("picture added", [ask, answer, new(ChatRole.User, [second, new TextContent("And here?")])], Greedy());
        yield return ("picture added, goes on", [ask, answer, new(ChatRole.User, [second, new TextContent("And here?")]), answer, more], Greedy());
        yield return ("picture taken away", [new(ChatRole.User, "What is in the picture?"), answer, more], Greedy());
        yield return ("text alone", [new(ChatRole.User, "Tell me something about cats and dogs.")], Greedy());
        yield return ("text goes on", [new(ChatRole.User, "Tell me something about cats and dogs."), answer, more], Greedy());
        yield return (
            "result of a tool",
            [
                ask,
                new(ChatRole.Assistant, [new FunctionCallContent("1", "look", new Dictionary<string, object?> { ["at"] = "it" })]),
                new(ChatRole.Tool, [new FunctionResultContent("1", new List<AIContent> { second, new TextContent("seen") })]),
            ],
            Greedy());
        yield return ("first turn again", [ask], Greedy());
    }

    /// <summary>A picture of the zoo.</summary>
    public static DataContent Picture(string file) =>
        new(File.ReadAllBytes(TestData.PathTo("zoo", "images", file)), file.EndsWith("jpg", StringComparison.Ordinal) ? "image/jpeg" : "image/png");

    /// <summary>A short answer of the likeliest tokens.</summary>
    public static ChatOptions Greedy(Action<PruningOverrides>? pruning = null)
    {
        var options = new ChatOptions { MaxOutputTokens = AnswerLength, Temperature = 0 };
        return pruning is null ? options : options.WithPruning(pruning);
    }
}
