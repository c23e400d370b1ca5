using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Conversation;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class ConversationTests(SharedClient shared)
{
    private static readonly DataContent Picture = new(new byte[] { 1, 2, 3 }, "image/png");

    [Fact]
    public void Roles_and_contents_keep_their_order()
    {
        var conversation = ConversationReader.Read(
            [
                new ChatMessage(ChatRole.System, "Be brief."),
                new ChatMessage(ChatRole.User, [new TextContent("a"), Picture, new TextContent("b"), Picture]),
                new ChatMessage(ChatRole.Assistant, "c"),
            ],
            "Be kind.");
        Assert.Equal(
            ["system: Be kind.", "system: Be brief.", "user: a|<0>|b|<1>", "assistant: c"],
            conversation.Turns.Select(Describe));
        Assert.Equal(["0 (message 1, content 1)", "1 (message 1, content 3)"], conversation.Images.Select(i => i.Name));
    }

    [Fact]
    public void Results_of_functions_become_a_user_turn_with_their_images()
    {
        var conversation = ConversationReader.Read(
            [
                new ChatMessage(ChatRole.User, "What does the door camera show?"),
                new ChatMessage(
                    ChatRole.Assistant,
                    [
                        new TextContent("I look."),
                        new FunctionCallContent("1", "camera", new Dictionary<string, object?> { ["place"] = "door", ["zoom"] = 2 }),
                    ]),
                new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", new AIContent[] { new TextContent("seen:"), Picture })]),
            ],
            null);
        Assert.Equal(
            ["user: What does the door camera show?", "assistant: I look. 1=camera({\"place\":\"door\",\"zoom\":2})", "tool 1=camera: seen:|<0>"],
            conversation.Turns.Select(Describe));
        Assert.Equal(
            ["user: What does the door camera show?", "assistant: I look.\ncamera({\"place\":\"door\",\"zoom\":2})", "user: seen:|<0>"],
            Plain(conversation).Select(Describe));
        Assert.Equal(conversation.Turns.Count, conversation.ToPrompt().WithMergedTurns().Turns.Count);
    }

    [Fact]
    public void Several_calls_of_one_turn_have_a_turn_each_for_their_results_and_texts_before_them_stay()
    {
        var conversation = ConversationReader.Read(
            [
                new ChatMessage(
                    ChatRole.Assistant,
                    [new FunctionCallContent("1", "f"), new TextContent("I look."), new FunctionCallContent("2", "g") { Arguments = null }]),
                new ChatMessage(
                    ChatRole.Tool,
                    [new TextContent("results:"), new FunctionResultContent("2", "b"), Picture, new FunctionResultContent("1", "a")]),
            ],
            null);
        Assert.Equal(
            ["assistant: I look. 1=f({}) 2=g({})", "user: results:", "tool 2=g: b|<0>", "tool 1=f: a"],
            conversation.Turns.Select(Describe));
        Assert.Equal(conversation.Turns.Count, conversation.ToPrompt().WithMergedTurns().Turns.Count);
    }

    public static TheoryData<object?, string> Results => new()
    {
        { "text", "user: text" },
        { new TextContent("text"), "user: text" },
        { Picture, "user: <0>" },
        { new List<DataContent> { Picture, Picture }, "user: <0>|<1>" },
        { JsonDocument.Parse("\"text\"").RootElement, "user: text" },
        { JsonDocument.Parse("{\"a\": [1, 2]}").RootElement, "user: {\"a\": [1, 2]}" },
        { 42, "user: 42" },
        { null, "user: null" },
    };

    [Theory]
    [MemberData(nameof(Results), DisableDiscoveryEnumeration = true)]
    public void Every_kind_of_result_is_taken(object? result, string expected) => Assert.Equal(
        expected,
        Describe(Assert.Single(
            Plain(ConversationReader.Read([new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", result)])], null)))));

    [Fact]
    public void Two_results_are_two_lines() => Assert.Equal(
        "user: a\nb",
        Describe(Assert.Single(Plain(ConversationReader.Read(
            [new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", "a"), new FunctionResultContent("2", "b")])], null)))));

    [Fact]
    public void A_failed_function_says_so_without_details()
    {
        var content = new FunctionResultContent("1", null) { Exception = new InvalidOperationException("secret") };
        var conversation = ConversationReader.Read([new ChatMessage(ChatRole.Tool, [content])], null);
        Assert.Equal("user: Error: the function failed.", Describe(Plain(conversation)[0]));
    }

    [Fact]
    public void Thoughts_of_the_assistant_are_text_and_usage_is_passed_over() => Assert.Equal(
        "assistant: think|answer",
        Describe(ConversationReader.Read(
            [
                new ChatMessage(
                    ChatRole.Assistant,
                    [new TextReasoningContent("think"), new TextContent("answer"), new UsageContent(new UsageDetails())]),
            ],
            null).Turns[0]));

    [Fact]
    public void Thoughts_without_words_are_passed_over() => Assert.Equal(
        "assistant: answer",
        Describe(ConversationReader.Read(
            [
                new ChatMessage(
                    ChatRole.Assistant,
                    [
                        new TextReasoningContent(null),
                        new TextReasoningContent(string.Empty) { ProtectedData = string.Empty },
                        new TextContent("answer"),
                    ]),
            ],
            null).Turns[0]));

    public static TheoryData<AIContent, string, string> Refused => new()
    {
        { new DataContent(new byte[] { 1 }, "audio/wav"), "user", "audio/wav" },
        { new DataContent(new byte[] { 1 }, "text/plain"), "user", "text/plain" },
        { new UriContent("https://example.com/a.pdf", "application/pdf"), "user", "application/pdf" },
        { new HostedFileContent("file-1"), "user", nameof(HostedFileContent) },
        { new ErrorContent("no"), "assistant", nameof(ErrorContent) },
        { new TextReasoningContent(null) { ProtectedData = "x" }, "assistant", nameof(TextReasoningContent) },
        { new FunctionCallContent("1", "f"), "user", nameof(FunctionCallContent) },
        { new FunctionResultContent("1", "r"), "assistant", nameof(FunctionResultContent) },
        { Picture, "assistant", "image" },
        { Picture, "system", "image" },
        { new FunctionResultContent("1", new AIContent[] { new DataContent(new byte[] { 1 }, "audio/wav") }), "tool", "audio/wav" },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void What_the_model_cannot_take_is_an_error_that_names_it(AIContent content, string role, string name)
    {
        var error = Assert.Throws<NotSupportedException>(() => ConversationReader.Read(
            [new ChatMessage(ChatRole.User, "first"), new ChatMessage(new ChatRole(role), [new TextContent("x"), content])], null));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("message 1, content 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_role_that_templates_do_not_know_is_an_error()
    {
        var error = Assert.Throws<NotSupportedException>(
            () => ConversationReader.Read([new ChatMessage(new ChatRole("user<end_of_turn>"), "x")], null));
        Assert.Contains("user<end_of_turn>", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Neighbours_of_one_role_can_be_merged()
    {
        var conversation = ConversationReader.Read(
            [new ChatMessage(ChatRole.System, "b"), new ChatMessage(ChatRole.User, [Picture]), new ChatMessage(ChatRole.User, "c")], "a");
        Assert.Equal(["system: a\n\nb", "user: <0>|c"], conversation.ToPrompt().WithMergedTurns().Turns.Select(Describe));
    }

    [Fact]
    public async Task Turns_are_merged_only_where_the_template_demands_that_roles_alternate()
    {
        var token = TestContext.Current.CancellationToken;
        var options = new ChatOptions { MaxOutputTokens = 1 };
        ChatMessage[] apart = [new(ChatRole.User, "one"), new(ChatRole.User, "two")];
        ChatMessage[] joined = [new(ChatRole.User, "one\n\ntwo")];

        // The zoo's folder has Gemma's own template, which refuses two user turns in a row; PocketVLM's takes them.
        using var strict = Clients.Create(o => o.ModelPath = Clients.Gemma3Folder);
        var template = ChatTemplate.Load(Clients.Gemma3Folder);
        Assert.Throws<ChatTemplateException>(() => template.Render(ConversationReader.Read(apart, null).ToPrompt(), new ChatTemplateVariables()));
        var first = await strict.GetResponseAsync(apart, options, token);
        var second = await strict.GetResponseAsync(joined, options, token);
        Assert.Equal(second.Usage!.InputTokenCount, first.Usage!.InputTokenCount);

        first = await shared.Client.GetResponseAsync(apart, options, token);
        second = await shared.Client.GetResponseAsync(joined, options, token);
        Assert.NotEqual(second.Usage!.InputTokenCount, first.Usage!.InputTokenCount);

        // What merging does not mend is the template's own error.
        await Assert.ThrowsAsync<ChatTemplateException>(
            () => strict.GetResponseAsync([new ChatMessage(ChatRole.Assistant, "one")], options, token));
    }

    [Fact]
    public async Task A_conversation_that_is_refused_merged_as_well_is_refused_with_the_first_reason()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Clients.Gemma3Folder))
        {
            folder.Add(Path.GetFileName(file), File.ReadAllBytes(file));
        }

        var config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder.Path, "tokenizer_config.json")))!;
        config["chat_template"] = "{{ raise_exception('sent with ' ~ (messages | length) ~ ' turns') }}";
        folder.Add("tokenizer_config.json", Encoding.UTF8.GetBytes(config.ToJsonString()));
        using var client = Clients.Create(o => o.ModelPath = folder.Path);
        var error = await Assert.ThrowsAsync<ChatTemplateException>(() => client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, "one"), new ChatMessage(ChatRole.User, "two")],
            null,
            TestContext.Current.CancellationToken));
        Assert.Contains("sent with 2 turns", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Null_and_empty_inputs_are_errors_that_say_so()
    {
        var token = TestContext.Current.CancellationToken;
        var client = shared.Client;
        await Assert.ThrowsAsync<ArgumentNullException>(
            "messages", () => client.GetResponseAsync((IEnumerable<ChatMessage>)null!, null, token));
        Assert.Throws<ArgumentNullException>(
            "messages", () => client.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!, null, token));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync([], null, token));
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => client.GetResponseAsync([new ChatMessage(ChatRole.User, "a"), null!], null, token));
        Assert.Contains("Message 1", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<ArgumentException>(
            () => client.GetResponseAsync([new ChatMessage(ChatRole.User, (IList<AIContent>)[null!])], null, token));
        Assert.Contains("message 0, content 0", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("serviceType", () => client.GetService(null!));
        Assert.Throws<ArgumentNullException>("options", () => ZoPruneChatClient.Create(null!));
    }

    [Fact]
    public async Task A_message_without_contents_is_an_empty_turn()
    {
        var token = TestContext.Current.CancellationToken;
        var options = new ChatOptions { MaxOutputTokens = 2 };
        var empty = await shared.Client.GetResponseAsync([new ChatMessage(ChatRole.User, [])], options, token);
        var text = await shared.Client.GetResponseAsync([new ChatMessage(ChatRole.User, string.Empty)], options, token);
        Assert.Equal(empty.Usage!.InputTokenCount, text.Usage!.InputTokenCount);
        Assert.True(empty.Usage.InputTokenCount > 0);
    }

    [Fact]
    public async Task Instructions_take_part_in_the_prompt()
    {
        var token = TestContext.Current.CancellationToken;
        var options = new ChatOptions { MaxOutputTokens = 1 };
        var without = await shared.Client.GetResponseAsync("hello", options, token);
        options.Instructions = "Answer in one word.";
        var with = await shared.Client.GetResponseAsync("hello", options, token);
        var asMessage = await shared.Client.GetResponseAsync(
            [new ChatMessage(ChatRole.System, "Answer in one word."), new ChatMessage(ChatRole.User, "hello")],
            new ChatOptions { MaxOutputTokens = 1 },
            token);
        Assert.True(with.Usage!.InputTokenCount > without.Usage!.InputTokenCount + 5);
        Assert.Equal(asMessage.Usage!.InputTokenCount, with.Usage.InputTokenCount);
    }

    private static IReadOnlyList<ChatTurn> Plain(ChatConversation conversation) => conversation.ToPrompt().WithoutToolTurns().Turns;

    private static string Describe(ChatTurn turn) => turn.Role
        + (turn.ToolCallId is null ? "" : $" {turn.ToolCallId}={turn.ToolName}")
        + ": "
        + string.Join("|", turn.Parts.Select(p => p switch
        {
            TextPart text => text.Text,
            ImagePart image => $"<{image.ImageIndex}>",
            _ => p.GetType().Name,
        }))
        + string.Concat(turn.ToolCalls.Select(c => $" {c.Id}={c.Name}({c.Arguments.ToJsonString()})"));
}
