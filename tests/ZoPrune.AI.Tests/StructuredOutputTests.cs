using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Generation;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public sealed class StructuredOutputTests(SharedClient shared) : IClassFixture<SharedClient>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders =>
        ["genai/gemma3", "genai/qwen2_5_vl", "genai/phi3v", "genai/mistral3", "hf/llava", "hf/idefics3", "hf/llava_onevision"];

    [Fact]
    public async Task The_bundled_model_answers_with_objects_of_a_dotnet_type()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var response = await shared.Client.GetResponseAsync<Report>("Describe the scene.", Wild(seed, 300), cancellationToken: Token);
            Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
            Assert.NotNull(response.Result.Title);
            Assert.NotNull(response.Result.Things);
        }

        var greedy = await shared.Client.GetResponseAsync<Report>(
            "Describe the scene.", new ChatOptions { MaxOutputTokens = 400, Temperature = 0 }, cancellationToken: Token);
        Assert.NotNull(greedy.Result.Things);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Random_weights_answer_with_objects_of_a_dotnet_type(string folder)
    {
        using var client = Clients.Create(o => o.ModelPath = TestData.PathTo(["zoo", .. folder.Split('/')]));
        var report = await client.GetResponseAsync<Report>("Describe.", Wild(1, 250), cancellationToken: Token);
        Assert.NotNull(report.Result.Title);

        // No object at the root: the extension wraps it.
        var numbers = await client.GetResponseAsync<List<Color>>("Colours?", Wild(2, 100), cancellationToken: Token);
        Assert.All(numbers.Result, color => Assert.True(Enum.IsDefined(color)));
    }

    [Fact]
    public async Task The_format_JSON_gives_an_object()
    {
        var options = Wild(7, 80);
        options.ResponseFormat = ChatResponseFormat.Json;
        var response = await shared.Client.GetResponseAsync("Describe the scene.", options, Token);
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(response.Text).RootElement.ValueKind);
        Assert.All(response.Messages[0].Contents, content => Assert.IsType<TextContent>(content));
        Assert.InRange(response.Usage!.OutputTokenCount!.Value, 1, 80);
    }

    [Fact]
    public async Task A_format_without_a_schema_is_any_object()
    {
        var options = Wild(8, 40);
        options.ResponseFormat = new ChatResponseFormatJson(schema: null);
        var response = await shared.Client.GetResponseAsync("Describe the scene.", options, Token);
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(response.Text).RootElement.ValueKind);
    }

    [Fact]
    public async Task An_answer_that_is_whole_ends_without_another_token()
    {
        var options = new ChatOptions
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("""{ "const": "x" }""").RootElement),
            MaxOutputTokens = 3,
        };
        var response = await shared.Client.GetResponseAsync("hello", options, Token);
        Assert.Equal("\"x\"", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.InRange(response.Usage!.OutputTokenCount!.Value, 1, 3);
    }

    [Fact]
    public async Task Too_few_tokens_for_the_shortest_answer_are_an_error_that_says_how_many_it_takes()
    {
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema<Report>(), MaxOutputTokens = 5 };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => shared.Client.GetResponseAsync("hello", options, Token));
        Assert.Contains("MaxOutputTokens", error.Message, StringComparison.Ordinal);
        var needed = int.Parse(
            error.Message.Split("about ")[1].TrimEnd('.'), System.Globalization.CultureInfo.InvariantCulture);

        options.MaxOutputTokens = needed;
        var response = await shared.Client.GetResponseAsync("hello", options, Token);
        Assert.NotNull(JsonSerializer.Deserialize<Report>(response.Text, AIJsonUtilities.DefaultOptions));
    }

    [Fact]
    public async Task Stop_sequences_beside_a_JSON_format_are_refused()
    {
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.Json, StopSequences = ["}"] };
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => shared.Client.GetResponseAsync("hello", options, Token));
        Assert.Contains("StopSequences", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_that_cannot_be_kept_to_is_refused_by_keyword()
    {
        var schema = JsonDocument.Parse("""{ "type": "object", "minProperties": 2 }""").RootElement;
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) };
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => shared.Client.GetResponseAsync("hello", options, Token));
        Assert.Contains("'minProperties' at #/minProperties", error.Message, StringComparison.Ordinal);
        Assert.Contains("ResponseFormat", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "minProperties": 2 }""")]
    [InlineData("""{ "type": "string", "pattern": "^(a|aa|aaa){1,3000}$" }""")]
    [InlineData("""{ "type": "object", "properties": { "a": { "$ref": "#" } }, "required": ["a"] }""")]
    public async Task What_is_wrong_with_a_schema_is_said_before_images_are_read(string schema)
    {
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse(schema).RootElement) };
        var message = new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1, 2, 3 }, "image/png"), new TextContent("hello")]);
        await Assert.ThrowsAsync<NotSupportedException>(() => shared.Client.GetResponseAsync([message], options, Token));
    }

    [Fact]
    public async Task A_schema_is_copied_when_the_call_is_made()
    {
        var document = JsonDocument.Parse("""{ "const": "x" }""");
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(document.RootElement), MaxOutputTokens = 3 };
        var response = shared.Client.GetResponseAsync("hello", options, Token);
        document.Dispose();
        Assert.Equal("\"x\"", (await response).Text);
    }

    [Fact]
    public async Task Calls_at_the_same_time_share_a_grammar()
    {
        var texts = await Task.WhenAll(Enumerable.Range(0, 8).Select(async seed =>
        {
            var response = await shared.Client.GetResponseAsync<Report>("Describe.", Wild(seed % 2, 200), cancellationToken: Token);
            return response.Text;
        }));
        Assert.Equal(2, texts.Distinct().Count());
    }

    [Fact]
    public void The_same_schema_is_read_once()
    {
        var grammars = new GrammarCache();
        var first = grammars.Of(Format(0));
        Assert.Same(first, grammars.Of(Format(0)));
        Assert.Same(grammars.Of(new ChatResponseFormatJson(null)), grammars.Of(new ChatResponseFormatJson(null)));
        for (var i = 1; i < 80; i++)
        {
            grammars.Of(Format(i));
        }

        Assert.NotSame(first, grammars.Of(Format(0)));
        Assert.Same(grammars.Of(Format(79)), grammars.Of(Format(79)));

        static ChatResponseFormatJson Format(int value) =>
            ChatResponseFormat.ForJsonSchema(JsonDocument.Parse($$"""{ "const": {{value}} }""").RootElement);
    }

    [Theory]
    [InlineData(typeof(Report))]
    [InlineData(typeof(Dictionary<string, int>))]
    [InlineData(typeof(Node))]
    [InlineData(typeof(Shape))]
    [InlineData(typeof(long?))]
    [InlineData(typeof(object))]
    [InlineData(typeof(Dictionary<string, List<Node?>>))]
    [InlineData(typeof((int, string)))]
    [InlineData(typeof(DayOfWeek))]
    [InlineData(typeof(JsonElement))]
    [InlineData(typeof(Dates))]
    public async Task Schemas_of_ordinary_types_can_be_kept_to(Type type)
    {
        var schema = AIJsonUtilities.CreateJsonSchema(type);
        for (var seed = 0; seed < 4; seed++)
        {
            var options = Wild(seed, 200);
            options.ResponseFormat = ChatResponseFormat.ForJsonSchema(schema);
            var response = await shared.Client.GetResponseAsync("hello", options, Token);
            _ = JsonSerializer.Deserialize(response.Text, type, AIJsonUtilities.DefaultOptions);
        }
    }

    private static ChatOptions Wild(int seed, int tokens) =>
        new() { Temperature = 20, TopK = 0, TopP = 1, Seed = seed, MaxOutputTokens = tokens };

    [JsonConverter(typeof(JsonStringEnumConverter<Color>))]
    public enum Color
    {
        Red,
        Green,
        LightBlue,
    }

    [Description("What is to be seen.")]
    public sealed record Report(
        string Title, [property: Description("How sure.")] double? Certainty, bool IsOutdoors, List<Thing> Things, Color? Mood = null);

    public sealed record Thing(string Name, Color Color, Dictionary<string, bool> Marks);

    public sealed record Node(string Label, List<Node> Children, Node? Next);

    public sealed record Dates(DateTime At, DateTimeOffset Until, DateOnly Day, Guid Id, TimeOnly Time, Uri? Link, decimal Price, char[] Letters);

    [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
    [JsonDerivedType(typeof(Circle), "circle")]
    [JsonDerivedType(typeof(Square), "square")]
    public abstract record Shape;

    public sealed record Circle(double Radius) : Shape;

    public sealed record Square(double Side) : Shape;
}
