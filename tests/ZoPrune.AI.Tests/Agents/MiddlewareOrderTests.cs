using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging.Abstractions;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests.Agents;

/// <summary>
/// The middlewares of Microsoft.Extensions.AI around the client in every order, with a tool that returns a picture. The folder has random
/// weights: its first answer is a call because one is required, its second is any text.
/// </summary>
public sealed class MiddlewareOrderTests : IClassFixture<MiddlewareOrderTests.ToolClient>
{
    private static readonly Dictionary<string, Action<ChatClientBuilder, IDistributedCache>> Middlewares = new()
    {
        ["functions"] = (builder, _) => builder.UseFunctionInvocation(),
        ["cache"] = (builder, cache) => builder.UseDistributedCache(cache),
        ["telemetry"] = (builder, _) => builder.UseOpenTelemetry(),
        ["logging"] = (builder, _) => builder.UseLogging(NullLoggerFactory.Instance),
#pragma warning disable MEAI001 // Experimental, but people use it.
        ["reducer"] = (builder, _) => builder.UseChatReducer(new MessageCountingChatReducer(4)),
#pragma warning restore MEAI001
    };

    private readonly ToolClient _tools;

    public MiddlewareOrderTests(ToolClient tools) => _tools = tools;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Orders => [.. Permutations([.. Middlewares.Keys]).Select(order => string.Join(' ', order))];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task In_any_order_the_model_calls_sees_the_picture_and_answers_and_the_cache_knows_it_all(string order)
    {
        var counter = new CallCounter(_tools.Client);
        var builder = counter.AsBuilder();
        var cache = new DictionaryCache();
        foreach (var name in order.Split(' '))
        {
            Middlewares[name](builder, cache);
        }

        using var client = builder.Build();
        ChatMessage[] question = [new(ChatRole.User, "What is at the door?")];
        var first = await client.GetResponseAsync(question, _tools.CreateOptions(), Token);

        Assert.Equal([ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], first.Messages.Select(m => m.Role));
        Assert.Equal("camera", first.Messages[0].Contents.OfType<FunctionCallContent>().Single().Name);
        Assert.Equal(2, counter.Calls);

        // This reducer leaves out calls and results (it says so): inside of the loop of calls it takes the picture away from the model.
        var isHidden = order.IndexOf("functions", StringComparison.Ordinal) < order.IndexOf("reducer", StringComparison.Ordinal);
        Assert.Equal(isHidden ? 0 : 1, first.GetPruningReport()!.Images.Count);

        // The same again comes out of the cache, streamed too, and says the same.
        var second = await client.GetResponseAsync(question, _tools.CreateOptions(), Token);
        Assert.Equal(2, counter.Calls);
        Assert.Equal(first.Text, second.Text);

        // A turn later the history goes back. The picture in it, still an object or JSON out of the cache, is seen where no reducer takes it away.
        ChatMessage[] later = [.. question, .. second.Messages, new(ChatRole.User, "And now?")];
        var options = _tools.CreateOptions();
        options.ToolMode = ChatToolMode.None;
        var third = await client.GetResponseAsync(later, options, Token);
        Assert.Equal(3, counter.Calls);
        Assert.Single(third.Messages);
        var direct = await _tools.Client.GetResponseAsync(later, options, Token);
        Assert.Single(direct.GetPruningReport()!.Images);
    }

    [Fact]
    public async Task A_result_that_became_json_in_a_store_is_the_picture_that_it_was()
    {
        var message = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", new AIContent[] { new TextContent("seen:"), _tools.Picture })]);
        var type = AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ChatMessage));
        var restored = (ChatMessage)JsonSerializer.Deserialize(JsonSerializer.Serialize(message, type), type)!;
        Assert.IsType<JsonElement>(((FunctionResultContent)restored.Contents[0]).Result);
        ChatMessage call = new(ChatRole.Assistant, [new FunctionCallContent("1", "camera")]);
        var options = new ChatOptions { MaxOutputTokens = 1 };

        var direct = await _tools.Client.GetResponseAsync([new(ChatRole.User, "Look."), call, message], options, Token);
        var stored = await _tools.Client.GetResponseAsync([new(ChatRole.User, "Look."), call, restored], options, Token);

        Assert.Single(stored.GetPruningReport()!.Images);
        Assert.Equal(direct.Usage!.InputTokenCount, stored.Usage!.InputTokenCount);
        Assert.Equal(direct.Text, stored.Text);
    }

    [Theory]
    [InlineData("""[{"$type":"uri","uri":5},{"$type":"door"}]""")]
    [InlineData("""{"$type":"uri","uri":"http://169.254.169.254/latest","mediaType":"image/png"}""")]
    [InlineData("""[{"$type":"text","text":"Look:"},{"$type":"uri","uri":"https://example.com/a.png","mediaType":"image/png"}]""")]
    [InlineData("""{"$type":"data","uri":"https://example.com/a.png","mediaType":"image/png"}""")]
    [InlineData("""{"$type":"data","uri":"data:text/plain;base64,SGk="}""")]
    [InlineData("""{"$type":"data","uri":"data:image/png;base64,SGk="}""")]
    [InlineData("""{"$type":"data","uri":"data:image/png;base64,%%%"}""")]
    [InlineData("""{"$type":"text","text":"a"}""")]
    public async Task Json_of_a_tools_own_that_has_a_type_stays_text(string result)
    {
        using var json = JsonDocument.Parse(result);
        var kept = await Answer(json.RootElement.Clone());
        Assert.Empty(kept.GetPruningReport()!.Images);
        Assert.Equal((await Answer(result)).Usage!.InputTokenCount, kept.Usage!.InputTokenCount);

        Task<ChatResponse> Answer(object value) => _tools.Client.GetResponseAsync(
            [
                new(ChatRole.User, "Look."),
                new(ChatRole.Assistant, [new FunctionCallContent("1", "camera")]),
                new(ChatRole.Tool, [new FunctionResultContent("1", value)]),
            ],
            new ChatOptions { MaxOutputTokens = 1 },
            Token);
    }

    private static IEnumerable<string[]> Permutations(string[] names) => names.Length <= 1
        ? [names]
        : names.SelectMany(first => Permutations([.. names.Where(n => n != first)]).Select(rest => (string[])[first, .. rest]));

    /// <summary>A client whose folder can call tools, shared by all orders.</summary>
    public sealed class ToolClient : IDisposable
    {
        private readonly AIFunction _camera;

        public ToolClient()
        {
            Picture = new DataContent(File.ReadAllBytes(TestData.PathTo("zoo", "images", "square56.png")), "image/png");
            _camera = AIFunctionFactory.Create(() => Picture, "camera", "Takes a picture.");
            Client = Clients.Create(o => o.ModelPath = ToolFolders.Create("qwen"));
        }

        public DataContent Picture { get; }

        public IChatClient Client { get; }

        public ChatOptions CreateOptions() => new() { Tools = [_camera], ToolMode = ChatToolMode.RequireSpecific("camera"), MaxOutputTokens = 40 };

        public void Dispose() => Client.Dispose();
    }

    /// <summary>Counts what reaches the model.</summary>
    private sealed class CallCounter(IChatClient inner) : DelegatingChatClient(inner)
    {
        public int Calls { get; private set; }

        public override Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            return base.GetResponseAsync(messages, options, cancellationToken);
        }

        // The client is shared by all tests.
        protected override void Dispose(bool disposing)
        {
        }
    }
}
