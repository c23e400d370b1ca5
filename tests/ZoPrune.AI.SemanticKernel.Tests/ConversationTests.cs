using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using ZoPrune.AI.SemanticKernel.Tests.Support;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;
using ImageContent = Microsoft.SemanticKernel.ImageContent;

namespace ZoPrune.AI.SemanticKernel.Tests;

/// <summary>Histories and prompts with images; what is expected is what ONNX Runtime GenAI answered, unpruned.</summary>
public sealed class ConversationTests(SharedKernel shared)
{
    private static readonly PromptExecutionSettings Unpruned = new ZoPrunePromptExecutionSettings { KeepRatio = 1 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> SomeGoldens => [0, 5, 6, 20];

    [Theory]
    [MemberData(nameof(SomeGoldens))]
    public async Task An_image_in_bytes_is_seen(int index)
    {
        var golden = Golden.All[index];
        var answer = await shared.Service.GetChatMessageContentAsync(Kernels.About(golden), Unpruned, cancellationToken: Token);
        Assert.Equal(golden.Text, answer.Content);
        Assert.Equal(AuthorRole.Assistant, answer.Role);
        Assert.Equal("pocket-vlm", answer.ModelId);
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("image/*")]
    [InlineData("application/octet-stream")]
    public async Task A_data_uri_is_seen_whatever_its_media_type(string mediaType)
    {
        var image = new ImageContent($"data:{mediaType};base64," + Convert.ToBase64String(Golden.ReadImage(Golden.First.Image)));
        Assert.Equal(Golden.First.Text, await AskAsync(image));
    }

#pragma warning disable SKEXP0001, SKEXP0110
    [Fact]
    public async Task Binary_content_of_an_image_is_seen()
    {
        Assert.Equal(Golden.First.Text, await AskAsync(new BinaryContent(Golden.ReadImage(Golden.First.Image), "image/png")));
    }

    [Fact]
    public async Task Audio_is_refused_by_its_place()
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => AskAsync(new AudioContent(new byte[] { 1 }, "audio/wav")));
        Assert.Contains("audio/wav", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_that_semantic_kernel_would_drop_is_refused_by_its_place()
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => AskAsync(new FileReferenceContent("file-1")));
        Assert.Contains("FileReferenceContent (message 0, item 0)", error.Message, StringComparison.Ordinal);

        var empty = await Assert.ThrowsAsync<ArgumentException>(() => AskAsync(new ImageContent()));
        Assert.Contains("message 0, item 0", empty.Message, StringComparison.Ordinal);

        var untyped = await Assert.ThrowsAsync<ArgumentException>(() => AskAsync(new ImageContent(new byte[] { 1 }, null)));
        Assert.Contains("image/*", untyped.Message, StringComparison.Ordinal);
    }
#pragma warning restore SKEXP0001, SKEXP0110

    [Fact]
    public async Task An_address_is_read_only_where_the_options_allow_it()
    {
        var path = TestData.PathTo("pocket-vlm", "eval", Golden.First.Image);
        var image = new ImageContent(new Uri(path));
        await Assert.ThrowsAsync<ContentAccessException>(() => AskAsync(image));

        var kernel = Kernels.WithPocketVlm(o => o.ContentAccess.AllowedDirectories.Add(Path.GetDirectoryName(path)!));
        var answer = await kernel.GetRequiredService<IChatCompletionService>()
            .GetChatMessageContentAsync(Kernels.About(image, Golden.First.Question), Unpruned, cancellationToken: Token);
        Assert.Equal(Golden.First.Text, answer.Content);
    }

    [Fact]
    public async Task A_prompt_template_shows_an_image()
    {
        const string Template = """
            <message role="user"><image>{{$picture}}</image><text>{{$question}}</text></message>
            """;
        var result = await shared.Kernel.InvokePromptAsync(Template, ArgumentsOf(Golden.First), cancellationToken: Token);

        Assert.Equal(Golden.First.Text, result.GetValue<string>());
        Assert.Equal(256, Assert.Single(result.GetPruningReport()!.Images).VisualTokens);
        Assert.NotNull(result.GetStageTimes());
    }

    [Fact]
    public async Task A_prompt_template_reaches_the_chat_client_where_that_alone_is_registered()
    {
        var builder = Kernel.CreateBuilder();
        builder.Services.Add(new(typeof(IChatClient), shared.Kernel.GetRequiredService<IChatClient>()));
        var result = await builder.Build().InvokePromptAsync(
            """<message role="user"><image>{{$picture}}</image><text>{{$question}}</text></message>""",
            ArgumentsOf(Golden.First),
            cancellationToken: Token);

        Assert.Equal(Golden.First.Text, result.GetValue<ChatResponse>()!.Text);
        Assert.Equal(256, result.GetValue<ChatResponse>()!.GetPruningReport()!.VisualTokensKept);
    }

    [Fact]
    public async Task A_stream_gives_the_same_text_and_the_report_last()
    {
        var history = Kernels.About(Golden.Longest);
        var parts = new List<StreamingChatMessageContent>();
        await foreach (var part in shared.Service.GetStreamingChatMessageContentsAsync(history, Unpruned, cancellationToken: Token))
        {
            parts.Add(part);
        }

        Assert.Equal(Golden.Longest.Text, string.Concat(parts.Select(p => p.Content)));
        Assert.True(parts.Count > 5);
        Assert.All(parts, p => Assert.Equal("pocket-vlm", p.ModelId));
        Assert.All(parts.SkipLast(1), p => Assert.Null(p.GetPruningReport()));

        var last = parts[^1];
        Assert.Equal(256, last.GetPruningReport()!.VisualTokens);
        Assert.NotNull(last.GetStageTimes());
        Assert.Equal("stop", last.Metadata![KernelMetadata.FinishReason]);
        var usage = Assert.IsType<UsageContent>(last.Metadata[KernelMetadata.Usage]).Details;
        Assert.Equal(Golden.Longest.PromptLength, usage.InputTokenCount);
    }

    [Fact]
    public async Task Metadata_says_what_happened()
    {
        var answer = await shared.Service.GetChatMessageContentAsync(Kernels.About(Golden.First), cancellationToken: Token);

        var usage = Assert.IsType<UsageDetails>(answer.Metadata![KernelMetadata.Usage]);
        Assert.Equal(256, usage.AdditionalCounts![ZoPruneUsage.VisualTokens]);
        Assert.Equal(85, usage.AdditionalCounts[ZoPruneUsage.VisualTokensKept]);
        Assert.Equal(85, Assert.Single(answer.GetPruningReport()!.Images).Kept.Count);
        Assert.True(answer.GetStageTimes()!.FirstToken > TimeSpan.Zero);
        Assert.Equal("Original", answer.Metadata[ZoPruneUsage.UsedPositionPolicy]);
        Assert.Equal("stop", answer.Metadata[KernelMetadata.FinishReason]);
        Assert.StartsWith("zoprune-", (string)answer.Metadata[KernelMetadata.Id]!, StringComparison.Ordinal);
        Assert.IsType<DateTimeOffset>(answer.Metadata[KernelMetadata.CreatedAt]);
    }

    [Fact]
    public async Task An_answer_goes_back_into_the_history_with_its_metadata()
    {
        var history = Kernels.About(Golden.First);
        var answer = await shared.Service.GetChatMessageContentAsync(history, Unpruned, cancellationToken: Token);
        history.Add(answer);
        history.AddUserMessage(Golden.First.Question);
        var second = await shared.Service.GetChatMessageContentAsync(history, Unpruned, cancellationToken: Token);

        Assert.False(string.IsNullOrEmpty(second.Content));
        Assert.NotEqual(answer.Metadata![KernelMetadata.Id], second.Metadata![KernelMetadata.Id]);
    }

    [Fact]
    public async Task Text_alone_has_a_report_without_images()
    {
        var answer = await shared.Service.GetChatMessageContentAsync(
            "hello", Kernels.Settings(("max_tokens", 1)), cancellationToken: Token);
        Assert.Empty(answer.GetPruningReport()!.Images);
        Assert.Equal("length", answer.Metadata![KernelMetadata.FinishReason]);
    }

    [Fact]
    public async Task A_cancelled_call_ends()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shared.Service.GetChatMessageContentAsync(
            Kernels.About(Golden.First), cancellationToken: new CancellationToken(canceled: true)));
    }

    private static KernelArguments ArgumentsOf(Golden golden) => new(Unpruned)
    {
        ["picture"] = "data:image/png;base64," + Convert.ToBase64String(Golden.ReadImage(golden.Image)),
        ["question"] = golden.Question,
    };

    private async Task<string?> AskAsync(KernelContent image) =>
        (await shared.Service.GetChatMessageContentAsync(
            Kernels.About(image, Golden.First.Question), Unpruned, cancellationToken: Token)).Content;
}
