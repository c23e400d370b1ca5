using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Conversation;
using ZoPrune.AI.Generation;
using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Text.Tools;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

/// <summary>Tools through the client: folders of the zoo with random weights, whose answers only the grammar makes calls of.</summary>
public sealed class ToolCallTests(SharedClient shared)
{
    private static readonly AIFunction Weather = AIFunctionFactory.Create(
        (string city, [Range(0, 10)] int days) => $"{city}, {days}", "get_weather");

    private static readonly AIFunction Now = AIFunctionFactory.Create(() => "noon", "now", "The time.");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. ToolFolders.Names];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_required_call_is_valid_whatever_the_weights(string name)
    {
        using var client = Clients.Create(o => o.ModelPath = ToolFolders.Create(name));
        var ids = new HashSet<string>();
        for (var seed = 0; seed < 3; seed++)
        {
            var options = new ChatOptions
            {
                Tools = [Now, Weather],
                ToolMode = ChatToolMode.RequireSpecific("get_weather"),
                Temperature = 1,
                Seed = seed,
                MaxOutputTokens = 200,
            };
            var response = await client.GetResponseAsync("What is the weather?", options, Token);
            var call = Assert.IsType<FunctionCallContent>(Assert.Single(Assert.Single(response.Messages).Contents));
            Assert.Equal("get_weather", call.Name);
            Assert.True(ids.Add(call.CallId));
            Assert.Equal(["city", "days"], call.Arguments!.Keys.Order());
            Assert.Equal(JsonValueKind.String, Assert.IsType<JsonElement>(call.Arguments["city"]).ValueKind);
            Assert.InRange(Assert.IsType<JsonElement>(call.Arguments["days"]).GetInt32(), 0, 10);
            Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
            Assert.True(response.Usage!.OutputTokenCount is > 5 and <= 200);

            // The function takes what was made up.
            Assert.NotNull(await Weather.InvokeAsync(new AIFunctionArguments(call.Arguments), Token));
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Any_tool_may_be_required_several_times_and_every_call_is_an_update(string name)
    {
        using var client = Clients.Create(o => o.ModelPath = ToolFolders.Create(name));
        var options = new ChatOptions
        {
            Tools = [Now, Weather],
            ToolMode = ChatToolMode.RequireAny,
            AllowMultipleToolCalls = true,
            Temperature = 1,
            Seed = 5,
            MaxOutputTokens = 300,
        };
        var updates = await Clients.CollectAsync(client.GetStreamingResponseAsync("What is the weather?", options, Token));
        Assert.Null(updates[^1].MessageId);
        var calls = updates[..^1].Select(u => Assert.IsType<FunctionCallContent>(Assert.Single(u.Contents))).ToArray();
        Assert.NotEmpty(calls);
        Assert.All(calls, c => Assert.Contains(c.Name, (string[])["now", "get_weather"]));
        Assert.Equal(calls.Length, calls.Select(c => c.CallId).Distinct().Count());
        Assert.Equal(ChatFinishReason.ToolCalls, updates[^1].FinishReason);
    }

    [Theory]
    [InlineData("qwen")]
    [InlineData("mistral nemo")]
    [InlineData("mistral small 3.2")]
    [InlineData("gemma 4")]
    [InlineData("gemma 3")]
    [InlineData("phi 4")]
    public async Task Function_invocation_shows_the_model_the_picture_that_a_tool_took(string name)
    {
        var picture = await File.ReadAllBytesAsync(TestData.PathTo("zoo", "images", "square56.png"), Token);
        var taken = 0;
        var camera = AIFunctionFactory.Create(
            IEnumerable<AIContent> (string place) =>
            {
                taken++;
                return [new TextContent($"seen at {place}:"), new DataContent(picture, "image/png")];
            },
            "camera",
            "Takes a picture.");
        using var client = Clients.Create(o => o.ModelPath = ToolFolders.Create(name)).AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions
        {
            Tools = [camera],
            ToolMode = ChatToolMode.RequireSpecific("camera"),
            MaxOutputTokens = 80,
        }.WithPruning(p => p.KeepRatio = 0.5);
        var response = await client.GetResponseAsync("What is at the door?", options, Token);

        Assert.Equal(1, taken);
        var roles = response.Messages.Select(m => m.Role).ToArray();
        Assert.Equal([ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], roles);
        Assert.IsType<FunctionCallContent>(response.Messages[0].Contents.Last());
        var report = response.GetPruningReport()!;
        Assert.Single(report.Images);
    }

    [Fact]
    public async Task Parallel_calls_and_their_results_go_back_together()
    {
        using var client = Clients.Create(o => o.ModelPath = ToolFolders.Create("qwen"));
        ChatMessage[] Messages(string first, string second) =>
        [
            new(ChatRole.User, "Weather?"),
            new(ChatRole.Assistant, [new FunctionCallContent("1", "now"), new FunctionCallContent("2", "now")]),
            new(ChatRole.Tool, [new FunctionResultContent("1", first), new FunctionResultContent("2", second)]),
        ];
        var options = new ChatOptions { Tools = [Now], MaxOutputTokens = 1 };
        var response = await client.GetResponseAsync(Messages("noon", "noon"), options, Token);
        var longer = await client.GetResponseAsync(Messages("noon", "noon and a long text behind it"), options, Token);
        Assert.True(longer.Usage!.InputTokenCount > response.Usage!.InputTokenCount);
        var untold = await client.GetResponseAsync(Messages("noon", "noon"), new ChatOptions { MaxOutputTokens = 1 }, Token);
        Assert.True(untold.Usage!.InputTokenCount < response.Usage.InputTokenCount);
        options.ToolMode = ChatToolMode.None;
        Assert.Equal(untold.Usage.InputTokenCount, (await client.GetResponseAsync(Messages("noon", "noon"), options, Token)).Usage!.InputTokenCount);
    }

    [Fact]
    public async Task A_format_of_ones_own_reads_what_a_model_answers_by_itself()
    {
        // The bundled model reads numbers; a format that takes them for calls makes it one that calls tools.
        var folder = ToolFolders.Create(
            PocketVlm.ModelPath,
            "{% if tools %}{{ tools | tojson }}{% endif %}" + System.Text.Json.Nodes.JsonNode.Parse(
                await File.ReadAllTextAsync(Path.Combine(PocketVlm.ModelPath, "tokenizer_config.json"), Token))!["chat_template"]!.GetValue<string>());
        using var client = Clients.Create(o =>
        {
            o.ModelPath = folder;
            o.ToolCallFormat = new NumberFormat();
        });
        var picture = await File.ReadAllBytesAsync(TestData.PathTo("pocket-vlm", "eval", "images", "003.png"), Token);
        var message = new ChatMessage(ChatRole.User, [new DataContent(picture, "image/png"), new TextContent("What number is on the tag?")]);
        var told = AIFunctionFactory.Create((int value) => value, "tell");
        foreach (var single in (bool?[])[null, false])
        {
            var options = new ChatOptions { Tools = [told], AllowMultipleToolCalls = single, MaxOutputTokens = 20 };
            var updates = await Clients.CollectAsync(client.GetStreamingResponseAsync([message], options, Token));
            var calls = updates.SelectMany(u => u.Contents).OfType<FunctionCallContent>().ToArray();
            Assert.NotEmpty(calls);
            Assert.All(calls, c => Assert.Equal("tell", c.Name));
            Assert.True(single is null || calls.Length == 1);
            Assert.Equal(ChatFinishReason.ToolCalls, updates[^1].FinishReason);
        }
    }

    [Fact]
    public async Task What_a_model_writes_as_bare_text_is_what_the_functions_parameters_take()
    {
        var function = AIFunctionFactory.Create(
            (string zip, string? area, string? street, int? count, bool open, DayOfWeek? day, string[]? names, bool? sure) =>
                $"{zip} {area} {street ?? "none"} {count} {open} {day} {names?.Length} {sure}",
            "find");
        var reader = new ToolCallReader(ToolSettings.Create(new ChatOptions { Tools = [function] })!, ToolCallFormats.Qwen, []);
        reader.Append(
            "<tool_call>\n<function=find>\n<parameter=zip>\n12345\n</parameter>\n<parameter=area>\n00711\n</parameter>\n"
            + "<parameter=street>\nnull\n</parameter>\n<parameter=count>\n7\n</parameter>\n<parameter=open>\nTrue\n</parameter>\n"
            + "<parameter=day>\nMonday\n</parameter>\n<parameter=names>\n[\"a\", \"b\"]\n</parameter>\n<parameter=sure>\nFalse\n</parameter>\n"
            + "</function>\n</tool_call>");
        var call = Assert.IsType<FunctionCallContent>(reader.Next());
        var result = await function.InvokeAsync(new AIFunctionArguments(call.Arguments), Token);
        Assert.Equal("12345 00711 none 7 True Monday 2 False", result!.ToString());
    }

    [Fact]
    public void The_text_of_an_argument_is_read_by_unions_and_references()
    {
        using var schema = JsonDocument.Parse("""
            {"type":"object","$defs":{"code":{"type":["string","null"]}},"properties":{
              "a":{"anyOf":[{"type":"string"},{"type":"null"}]},"b":{"$ref":"#/$defs/code"},"c":{"oneOf":[{"type":"integer"},{"type":"null"}]},
              "d":{"$ref":"#/properties/d"},"e":{"enum":["1","2"]},"f":{"type":"string"}}}
            """);
        var function = AIFunctionFactory.CreateDeclaration("f", null, schema.RootElement);
        var reader = new ToolCallReader(ToolSettings.Create(new ChatOptions { Tools = [function] })!, ToolCallFormats.Qwen, []);
        reader.Append("<function=f>" + string.Concat(
            new[] { "a=1", "b=2", "c=3", "d=4", "e=1", "f=null" }.Select(p => $"<parameter={p[0]}>{p[2..]}</parameter>")) + "</function>");
        reader.Flush();
        var call = Assert.IsType<FunctionCallContent>(reader.Next());
        Assert.Equal(
            ["a \"1\"", "b \"2\"", "c 3", "d 4", "e \"1\"", "f \"null\""],
            call.Arguments!.Select(a => $"{a.Key} {((JsonElement)a.Value!).GetRawText()}"));
    }

    [Fact]
    public void An_id_that_the_model_repeats_is_not_taken()
    {
        const string Answer = """[TOOL_CALLS][{"name":"now","arguments":{},"id":"abc123XYZ"},{"name":"now","arguments":{},"id":"abc123XYZ"}]""";
        var conversation = ConversationReader.Read(
            [new(ChatRole.User, "?"), new(ChatRole.Assistant, [new FunctionCallContent("abc123XYZ", "now")])], null);
        var fresh = Ids([]);
        Assert.Equal("abc123XYZ", fresh[0]);
        Assert.NotEqual(fresh[0], fresh[1]);
        Assert.DoesNotContain("abc123XYZ", Ids(conversation.CallIds));

        static string[] Ids(IEnumerable<string> used)
        {
            var reader = new ToolCallReader(ToolSettings.Create(new ChatOptions { Tools = [Now] })!, ToolCallFormats.Mistral, used);
            Assert.False(reader.HasCalls);
            reader.Append(Answer);
            reader.Flush();
            Assert.True(reader.HasCalls);
            return [.. Enumerable.Range(0, 2).Select(_ => Assert.IsType<FunctionCallContent>(reader.Next()).CallId)];
        }
    }

    [Fact]
    public async Task A_format_may_be_set_where_the_template_marks_calls_in_an_unknown_way()
    {
        var template = System.Text.Json.Nodes.JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(PocketVlm.ModelPath, "tokenizer_config.json"), Token))!["chat_template"]!.GetValue<string>();
        var folder = ToolFolders.Create(PocketVlm.ModelPath, "{% if tools %}<TOOLCALL>{{ tools | tojson }}{% endif %}" + template);
        var options = new ChatOptions { Tools = [Now], MaxOutputTokens = 2 };
        using var unknown = Clients.Create(o => o.ModelPath = folder);
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => unknown.GetResponseAsync("hello", options, Token));
        Assert.Contains("ToolCallFormat", error.Message, StringComparison.Ordinal);
        using var set = Clients.Create(o =>
        {
            o.ModelPath = folder;
            o.ToolCallFormat = ToolCallFormats.Json;
        });
        Assert.NotEmpty((await set.GetResponseAsync("hello", options, Token)).Messages);
    }

    [Fact]
    public async Task Text_that_is_no_call_is_an_answer_like_any_other()
    {
        var folder = ToolFolders.Create("qwen");
        using var client = Clients.Create(o => o.ModelPath = folder);
        var with = await client.GetResponseAsync(
            "hello", new ChatOptions { Tools = [Now], MaxOutputTokens = 20 }, Token);
        Assert.Equal(ChatFinishReason.Length, with.FinishReason);
        Assert.All(with.Messages.Single().Contents, c => Assert.IsType<TextContent>(c));
        Assert.NotEmpty(with.Text);
    }

    [Fact]
    public async Task Beside_a_response_format_the_answer_is_a_call_or_that_json()
    {
        using var client = Clients.Create(o => o.ModelPath = ToolFolders.Create("gemma 4"));
        using var schema = JsonDocument.Parse("{\"type\":\"object\",\"properties\":{\"done\":{\"type\":\"boolean\"}},\"required\":[\"done\"],\"additionalProperties\":false}");
        var (calls, texts) = (0, 0);
        for (var seed = 0; seed < 12; seed++)
        {
            var options = new ChatOptions
            {
                Tools = [Now],
                ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.RootElement),

                // So hot that not the weights decide between the two.
                Temperature = 100,
                TopK = 0,
                TopP = 1,
                Seed = seed,
                MaxOutputTokens = 100,
            };
            var response = await client.GetResponseAsync("Is it done?", options, Token);
            if (response.FinishReason == ChatFinishReason.ToolCalls)
            {
                calls++;
                Assert.All(response.Messages.Single().Contents, c => Assert.Equal("now", Assert.IsType<FunctionCallContent>(c).Name));
            }
            else
            {
                texts++;
                using var json = JsonDocument.Parse(response.Text);
                Assert.Contains(json.RootElement.GetProperty("done").ValueKind, (JsonValueKind[])[JsonValueKind.True, JsonValueKind.False]);
            }

            options.ToolMode = ChatToolMode.RequireAny;
            Assert.Equal(ChatFinishReason.ToolCalls, (await client.GetResponseAsync("Is it done?", options, Token)).FinishReason);
        }

        Assert.True(calls > 0 && texts > 0, $"{calls} calls, {texts} texts");
    }

    public static TheoryData<ChatOptions, string> Wrong => new()
    {
        { new ChatOptions { ToolMode = ChatToolMode.RequireAny }, "ChatOptions.Tools has none" },
        { new ChatOptions { ToolMode = ChatToolMode.RequireSpecific("later"), Tools = [Now] }, "'later'" },
        { new ChatOptions { Tools = [Now, AIFunctionFactory.Create(() => 1, "now")] }, "two tools of the name 'now'" },
        { new ChatOptions { Tools = [null!] }, "Tools[0] is null" },
        { new ChatOptions { Tools = [Now, Weather], ToolMode = ChatToolMode.RequireSpecific("get_weather"), MaxOutputTokens = 3 }, "3 tokens" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task Wrong_options_are_errors_that_say_so(ChatOptions options, string text)
    {
        using var client = Clients.Create(o => o.ModelPath = ToolFolders.Create("qwen"));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync("hello", options, Token));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_of_services_and_folders_without_tools_are_refused()
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(
            () => shared.Client.GetResponseAsync("hello", new ChatOptions { Tools = [new HostedWebSearchTool()] }, Token));
        Assert.Contains(nameof(HostedWebSearchTool), error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<NotSupportedException>(
            () => shared.Client.GetResponseAsync("hello", new ChatOptions { Tools = [Now] }, Token));
        Assert.Contains(PocketVlm.ModelPath, error.Message, StringComparison.Ordinal);
        Assert.Contains("chat template", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<NotSupportedException>(() => shared.Client.GetResponseAsync(
            "hello", new ChatOptions { Tools = [Now], ToolMode = ChatToolMode.RequireAny, StopSequences = ["}"] }, Token));
        Assert.Contains("StopSequences", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A number and a full stop is a call of the tool "tell".</summary>
    private sealed class NumberFormat : ToolCallFormat
    {
        public override string Name => "number";

        public override int FindStart(ReadOnlySpan<char> text, bool isLineStart) => text.IndexOfAnyInRange('0', '9');

        public override ToolCallMatch Match(string text, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
        {
            var length = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
            if (length < 0 && !isEnd)
            {
                return ToolCallMatch.Undecided;
            }

            length = length < 0 ? text.Length : length;
            var value = int.Parse(text.AsSpan(0, length), CultureInfo.InvariantCulture);
            return ToolCallMatch.Of(length, [new ToolCall(null, "tell", new() { ["value"] = value })]);
        }

        public override TextGrammar CreateGrammar(IReadOnlyList<ToolDefinition> tools, bool several) => throw new NotSupportedException();
    }
}
