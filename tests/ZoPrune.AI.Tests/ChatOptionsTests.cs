using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Generation;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class ChatOptionsTests(SharedClient shared)
{
    private static readonly SamplingOptions GreedyFolder =
        new() { DoSample = false, TopK = 1, TopP = 1, RepetitionPenalty = 1.1f, MinLength = 3 };
    private static readonly SamplingOptions SamplingFolder =
        new() { DoSample = true, TopK = 20, TopP = 0.8f, Temperature = 0.7f, Seed = 4 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Nothing_set_leaves_the_folder_as_it_is()
    {
        Assert.Equal(GreedyFolder, Sampling(new ChatOptions(), GreedyFolder));
        Assert.Equal(SamplingFolder, Sampling(new ChatOptions(), SamplingFolder));
        Assert.Equal(SamplingFolder, GenerationSettings.Create(null, "m").ToSampling(SamplingFolder));
    }

    [Fact]
    public void Temperature_zero_is_greedy_whatever_the_folder() =>
        Assert.False(Sampling(new ChatOptions { Temperature = 0, TopP = 0.5f }, SamplingFolder).DoSample);

    [Fact]
    public void A_temperature_turns_sampling_on_and_lifts_the_greedy_top_k()
    {
        var sampling = Sampling(new ChatOptions { Temperature = 0.5f }, GreedyFolder);
        Assert.Equal(GreedyFolder with { DoSample = true, Temperature = 0.5f, TopK = 50 }, sampling);
    }

    [Fact]
    public void Top_p_or_top_k_alone_turn_sampling_on()
    {
        Assert.Equal(
            GreedyFolder with { DoSample = true, TopK = 50, TopP = 0.5f }, Sampling(new ChatOptions { TopP = 0.5f }, GreedyFolder));
        Assert.Equal(GreedyFolder with { DoSample = true, TopK = 5 }, Sampling(new ChatOptions { TopK = 5 }, GreedyFolder));
    }

    [Fact]
    public void Seed_and_penalties_do_not_turn_sampling_on() => Assert.Equal(
        GreedyFolder with { Seed = 9, FrequencyPenalty = 0.5f, PresencePenalty = -0.5f },
        Sampling(new ChatOptions { Seed = 9, FrequencyPenalty = 0.5f, PresencePenalty = -0.5f }, GreedyFolder));

    [Fact]
    public void Seeds_of_64_bits_stay_apart()
    {
        Assert.Equal(42, Sampling(new ChatOptions { Seed = 42 }, SamplingFolder).Seed);
        Assert.NotEqual(
            Sampling(new ChatOptions { Seed = 1L << 40 }, SamplingFolder).Seed,
            Sampling(new ChatOptions { Seed = 1L << 41 }, SamplingFolder).Seed);
    }

    public static TheoryData<ChatOptions, string> OutOfRange => new()
    {
        { new ChatOptions { Temperature = -1 }, "Temperature" },
        { new ChatOptions { Temperature = float.NaN }, "Temperature" },
        { new ChatOptions { TopP = 1.5f }, "TopP" },
        { new ChatOptions { TopK = -1 }, "TopK" },
        { new ChatOptions { MaxOutputTokens = 0 }, "MaxOutputTokens" },
        { new ChatOptions { FrequencyPenalty = float.NaN }, "FrequencyPenalty" },
        { new ChatOptions { PresencePenalty = float.PositiveInfinity }, "PresencePenalty" },
        { new ChatOptions { StopSequences = ["a", string.Empty] }, "StopSequences[1]" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public async Task Values_out_of_range_are_errors_that_name_the_option(ChatOptions options, string name)
    {
        var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => shared.Client.GetResponseAsync("hello", options, Token));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<ChatOptions, string> Unsupported => new()
    {
        { new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] }, "pocket-vlm" },
        { new ChatOptions { ModelId = "gpt" }, "gpt" },
        { new ChatOptions { ConversationId = "1" }, "ConversationId" },
    };

    [Theory]
    [MemberData(nameof(Unsupported), DisableDiscoveryEnumeration = true)]
    public async Task What_the_model_lacks_is_an_error_that_says_so(ChatOptions options, string name)
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => shared.Client.GetResponseAsync("hello", options, Token));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_that_must_not_be_called_and_the_own_model_id_are_fine()
    {
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create(() => 1, "one")],
            ToolMode = ChatToolMode.None,
            ResponseFormat = ChatResponseFormat.Text,
            ModelId = "pocket-vlm",
            MaxOutputTokens = 2,
        };
        Assert.Equal(ChatFinishReason.Length, (await shared.Client.GetResponseAsync("hello", options, Token)).FinishReason);
    }

    [Fact]
    public async Task Options_and_messages_are_not_changed()
    {
        var options = new ChatOptions
        {
            Instructions = "Be brief.",
            Temperature = 0.5f,
            TopK = 3,
            Seed = 5,
            MaxOutputTokens = 2,
            StopSequences = ["x"],
        }.WithPruning(p => p.KeepRatio = 0.5);
        List<ChatMessage> messages = [Golden.First.ToMessage()];
        var (optionsBefore, messagesBefore) = (Write(options), Write(messages));
        await shared.Client.GetResponseAsync(messages, options, Token);
        await Clients.CollectAsync(shared.Client.GetStreamingResponseAsync(messages, options, Token));
        Assert.Equal(optionsBefore, Write(options));
        Assert.Equal(messagesBefore, Write(messages));
    }

    [Fact]
    public void Metadata_and_services_are_given()
    {
        var metadata = shared.Client.GetService<ChatClientMetadata>()!;
        Assert.Equal(("zoprune", null, "pocket-vlm"), (metadata.ProviderName, metadata.ProviderUri, metadata.DefaultModelId));
        Assert.Same(shared.Client, shared.Client.GetService<IChatClient>());
        Assert.Same(shared.Client, shared.Client.GetService<ZoPruneChatClient>());
        Assert.Equal("pocket-vlm", shared.Client.GetService<Onnx.VisionLanguageModel>()!.ModelId);
        Assert.Same(shared.Client.GetService<Onnx.VisionLanguageModel>(), shared.Client.GetService<Onnx.VisionLanguageModel>());
        Assert.Null(shared.Client.GetService<IChatClient>("key"));
        Assert.Null(shared.Client.GetService<string>());
    }

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions);

    private static SamplingOptions Sampling(ChatOptions options, SamplingOptions folder) =>
        GenerationSettings.Create(options, "m").ToSampling(folder);
}
