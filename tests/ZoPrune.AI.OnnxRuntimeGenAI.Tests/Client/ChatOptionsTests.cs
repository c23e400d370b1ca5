using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client.Support;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client;

/// <summary>What a call asks for beside its messages has the same effect on both language models.</summary>
public sealed class ChatOptionsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders { get; } =
        ["genai/gemma3", "genai/phi4mm", "genai/mistral3", ModelFolders.PocketVlm];

    public static TheoryData<string> ToolTemplates { get; } = [.. ToolFolders.Names];

    private static IEnumerable<(string Name, ChatOptions Options)> Choices =>
    [
        ("limit", new() { MaxOutputTokens = 1 }),
        ("sampled", new() { Temperature = 1 }),
        ("hot", new() { Temperature = 3, TopK = 0, TopP = 1 }),
        ("top-k", new() { Temperature = 0.8f, TopK = 5 }),
        ("top-p", new() { TopP = 0.7f, TopK = 0 }),
        ("top-k and top-p", new() { Temperature = 1.5f, TopK = 40, TopP = 0.9f }),
        ("frequency", new() { FrequencyPenalty = 0.7f }),
        ("presence", new() { PresencePenalty = 1.5f, Temperature = 1 }),
        ("instructions", new() { Instructions = "Answer in one word.", Temperature = 0 }),
        ("object", new() { ResponseFormat = ChatResponseFormat.Json, Temperature = 2, TopK = 0, MaxOutputTokens = 60 }),
        ("schema", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema<Report>(), MaxOutputTokens = 100 }),
        ("schema, hot", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema<Report>(), Temperature = 20, TopK = 0, TopP = 1, MaxOutputTokens = 100 }),
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Answers_are_the_same(string folder)
    {
        GenAI.SkipIfAbsent();
        foreach (var (keyValueBytes, seeds) in new (long, long[])[] { (0, [1]), (200_000_000, [long.MaxValue, uint.MaxValue]) })
        {
            using var pair = new Pair(folder, o => o.Caching.KeyValueBytes = keyValueBytes);
            foreach (var (name, options) in Choices)
            {
                foreach (var seed in seeds)
                {
                    options.Seed = seed;
                    options.MaxOutputTokens ??= 24;
                    var response = await pair.AskAsync([Question], options, $"{name} {seed}");
                    Assert.Equal("OnnxRuntimeGenAI", Pair.LanguageModelOf(response));
                    if (options.ResponseFormat is not null)
                    {
                        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(response.Text).RootElement.ValueKind);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Stop_sequences_end_both_at_the_same_place(string folder)
    {
        GenAI.SkipIfAbsent();
        using var pair = new Pair(folder, Clients.WithFreshCaches);
        var text = (await pair.AskAsync([Question], new ChatOptions { MaxOutputTokens = 24, Temperature = 0 })).Text;
        for (var at = 1; at < text.Length - 2; at += 5)
        {
            var response = await pair.AskAsync([Question], new ChatOptions { MaxOutputTokens = 24, Temperature = 0, StopSequences = [text[at..(at + 2)], "never"] });
            Assert.Equal(text[..text.IndexOf(text[at..(at + 2)], StringComparison.Ordinal)], response.Text);
            Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Rules_of_the_folder_hold_for_both(string folder)
    {
        GenAI.SkipIfAbsent();
        var path = ZooModels.Copy(ModelFolders.PathOf(folder));
        var file = Path.Combine(path, "genai_config.json");
        var config = JsonNode.Parse(await File.ReadAllTextAsync(file, Token))!;
        var search = config["search"]!;
        (search["repetition_penalty"], search["no_repeat_ngram_size"], search["do_sample"], search["top_k"]) = (1.2, 3, true, 30);
        (search["temperature"], search["top_p"]) = (0.9, 0.95);
        await File.WriteAllTextAsync(file, config.ToJsonString(), Token);
        using (var pair = new Pair(path, hasGrid: false, Clients.WithFreshCaches))
        {
            foreach (var options in new ChatOptions[] { new() { Seed = 3 }, new() { Temperature = 0 }, new() { Seed = 4, FrequencyPenalty = 0.5f }, new() { Temperature = 0 } })
            {
                options.MaxOutputTokens = 24;
                await pair.AskAsync([Question], options);
                await pair.AskAsync([Question, new(ChatRole.Assistant, "a cat"), new(ChatRole.User, "Where?")], options);
            }
        }

        // Until then nothing may end the answer, prompt included.
        search["min_length"] = Math.Min(search["max_length"]!.GetValue<int>(), 400) - 4;
        await File.WriteAllTextAsync(file, config.ToJsonString(), Token);
        using var longer = new Pair(path, hasGrid: false, Clients.WithFreshCaches);
        foreach (var _ in new[] { 1, 2 })
        {
            await longer.AskAsync([Question], new ChatOptions { Temperature = 0, MaxOutputTokens = 40 });
            await longer.AskAsync([Question], new ChatOptions { Seed = 5, MaxOutputTokens = 40 });
        }
    }

    [Theory]
    [MemberData(nameof(ToolTemplates))]
    public async Task Required_calls_are_the_same(string template)
    {
        GenAI.SkipIfAbsent();
        var path = ToolFolders.Create(template);
        var hasGrid = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(path, "genai_config.json"), Token))!["model"]!["type"]!.GetValue<string>() is var type
            && (type.Contains("qwen", StringComparison.Ordinal) || type == "fara");
        using var pair = new Pair(path, hasGrid, Clients.WithFreshCaches);
        AIFunction weather = AIFunctionFactory.Create((string city, bool now) => $"{city}, {now}", "get_weather");
        AIFunction time = AIFunctionFactory.Create(() => "noon", "now", "The time.");
        foreach (var mode in new ChatToolMode[] { ChatToolMode.RequireSpecific("get_weather"), ChatToolMode.RequireAny, ChatToolMode.Auto })
        {
            var options = new ChatOptions { Tools = [time, weather], ToolMode = mode, Temperature = 1, Seed = 3, MaxOutputTokens = 120 };
            var response = await pair.AskAsync([new(ChatRole.User, "What is the weather?")], options, mode.ToString()!);
            Assert.Equal("OnnxRuntimeGenAI", Pair.LanguageModelOf(response));
            var calls = response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>();
            Assert.True(mode == ChatToolMode.Auto || calls.Any());
        }
    }

    private static ChatMessage Question => new(ChatRole.User, [ConversationScript.Picture("square56.png"), new TextContent("What is it?")]);

    public sealed record Report(string Title, double? Certainty, bool IsOutdoors, List<int> Numbers);
}
