using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using ZoPrune.AI.SemanticKernel.Pipeline;
using ZoPrune.AI.SemanticKernel.Tests.Support;
using ZoPrune.AI.SemanticKernel.Vision;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.SemanticKernel.Tests;

/// <summary>A scripted model orchestrates, the bundled one looks: it cannot call functions itself.</summary>
public sealed class FunctionCallingTests(SharedKernel shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly PromptExecutionSettings Auto = new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_orchestrating_model_looks_at_images_and_corrects_itself(bool streams)
    {
        var script = new ScriptedChatClient(
            ScriptedChatClient.Call("vision_list_images"),
            ScriptedChatClient.Call("vision_read_text", ("image_id", "tag.png")),
            ScriptedChatClient.Call("vision_read_text", ("image_id", "image-1")),
            ScriptedChatClient.Say("It says 24."));
        var store = new ImageStore();
        store.Add(Golden.ReadImage(Golden.All[0].Image), description: "a shelf");
        var kernel = Orchestrated(script);
        kernel.Plugins.AddZoPruneVision(
            shared.Kernel.GetRequiredService<IChatClient>(),
            store,
            new VisionPluginOptions { ReadTextPrompt = "What does the tag say?" });
        var service = kernel.GetRequiredService<IChatCompletionService>();
        var history = new ChatHistory("You look at pictures.");
        history.AddUserMessage("What does the tag say?");

        var answer = string.Empty;
        if (streams)
        {
            await foreach (var part in service.GetStreamingChatMessageContentsAsync(history, Auto, kernel, Token))
            {
                answer += part.Content;
            }
        }
        else
        {
            answer = (await service.GetChatMessageContentAsync(history, Auto, kernel, Token)).Content;
        }

        Assert.Equal("It says 24.", answer);
        var results = script.Results.ToList();
        Assert.Equal("image-1: a shelf", results[0]);
        Assert.StartsWith("Error: there is no image 'tag.png'.", results[1], StringComparison.Ordinal);
        Assert.Equal("24.", results[2]);
        Assert.Contains("vision_describe_image", script.Options[0]!.Tools!.Select(t => t.Name));

        // What went on between is in the history, as with the built-in connectors.
        Assert.Equal(3, history.Count(m => m.Role == AuthorRole.Tool));
    }

    [Fact]
    public async Task Settings_and_tools_reach_the_client_in_every_round_and_filters_run()
    {
        var script = new ScriptedChatClient(ScriptedChatClient.Call("clock_now"), ScriptedChatClient.Say("noon"));
        using var client = script.AsBuilder()
            .UseKernelFunctionInvocation()
            .Use(inner => new ExecutionSettingsChatClient(inner))
            .Build();
        var kernel = new Kernel();
        var now = KernelFunctionFactory.CreateFromMethod(() => "12:00", "now");
        kernel.Plugins.Add(KernelPluginFactory.CreateFromFunctions("clock", [now]));
        var filter = new CountingFilter();
        kernel.AutoFunctionInvocationFilters.Add(filter);
        var settings = new ZoPrunePromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(), KeepRatio = 0.5 };

        var response = await client.AsChatCompletionService().GetChatMessageContentAsync("What time is it?", settings, kernel, Token);

        Assert.Equal("noon", response.Content);
        Assert.Equal(1, filter.Count);
        Assert.Equal("12:00", Assert.Single(script.Results));
        Assert.Equal(2, script.Options.Count);
        Assert.All(script.Options, o => Assert.Equal(0.5, o!.GetPruning()!.KeepRatio));
        Assert.All(script.Options, o => Assert.Equal("clock_now", Assert.Single(o!.Tools!).Name));
    }

    [Fact]
    public async Task A_folder_that_cannot_call_functions_says_so()
    {
        var kernel = shared.Kernel.Clone();
        kernel.Plugins.AddZoPruneVision(new ImageStore());
        var error = await Assert.ThrowsAsync<NotSupportedException>(
            () => shared.Service.GetChatMessageContentAsync(Kernels.About(Golden.First), Auto, kernel, Token));
        Assert.Contains("pocket-vlm", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_that_a_function_returned_is_seen()
    {
        var picture = new Microsoft.SemanticKernel.ImageContent(Golden.ReadImage(Golden.First.Image), "image/png");
        foreach (object result in new object[]
        {
            picture,
            new KernelContent[] { new Microsoft.SemanticKernel.TextContent("from the camera:"), picture },
            new ChatMessageContent(AuthorRole.Assistant, [picture]),
        })
        {
            var history = new ChatHistory();
            history.AddUserMessage("Take a picture.");
            history.Add(new ChatMessageContent(
                AuthorRole.Assistant, [new Microsoft.SemanticKernel.FunctionCallContent("shoot", "camera", "call-1")]));
            history.Add(new ChatMessageContent(
                AuthorRole.Tool, [new Microsoft.SemanticKernel.FunctionResultContent("shoot", "camera", "call-1", result)]));
            history.AddUserMessage(Golden.First.Question);
            var answer = await shared.Service.GetChatMessageContentAsync(
                history, Kernels.Settings(("keep_ratio", 0.5), ("max_tokens", 1)), cancellationToken: Token);

            Assert.Equal(128, Assert.Single(answer.GetPruningReport()!.Images).VisualTokensKept);
            Assert.True(((UsageDetails)answer.Metadata![KernelMetadata.Usage]!).InputTokenCount < 300);
            Assert.Same(result, Assert.IsType<Microsoft.SemanticKernel.FunctionResultContent>(history[2].Items[0]).Result);
        }

        var empty = new ChatHistory();
        var nothing = new Microsoft.SemanticKernel.ImageContent();
        empty.Add(new ChatMessageContent(
            AuthorRole.Tool, [new Microsoft.SemanticKernel.FunctionResultContent("shoot", "camera", "call-1", nothing)]));
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => shared.Service.GetChatMessageContentAsync(empty, cancellationToken: Token));
        Assert.Contains("call-1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_may_be_withheld()
    {
        var kernel = shared.Kernel.Clone();
        kernel.Plugins.AddZoPruneVision(new ImageStore());
        var settings = new ZoPrunePromptExecutionSettings { KeepRatio = 1, FunctionChoiceBehavior = FunctionChoiceBehavior.None() };
        var answer = await shared.Service.GetChatMessageContentAsync(Kernels.About(Golden.First), settings, kernel, Token);
        Assert.Equal(Golden.First.Text, answer.Content);
    }

    private static Kernel Orchestrated(ScriptedChatClient script)
    {
        var builder = Kernel.CreateBuilder();
        var client = script.AsBuilder().UseKernelFunctionInvocation().Build();
        builder.Services.AddSingleton(client.AsChatCompletionService());
        return builder.Build();
    }

    private sealed class CountingFilter : IAutoFunctionInvocationFilter
    {
        public int Count { get; private set; }

        public async Task OnAutoFunctionInvocationAsync(
            AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
        {
            Count++;
            await next(context);
        }
    }
}
