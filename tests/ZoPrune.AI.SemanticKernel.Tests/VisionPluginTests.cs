using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using ZoPrune.AI.SemanticKernel.Tests.Support;
using ZoPrune.AI.SemanticKernel.Vision;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.SemanticKernel.Tests;

public sealed class VisionPluginTests(SharedKernel shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Functions_and_parameters_are_described_for_models()
    {
        var plugin = new KernelPluginCollection().AddZoPruneVision(new ImageStore());

        Assert.Equal("vision", plugin.Name);
        Assert.Equal(
            [
                "answer_about_image(image_id, question)",
                "compare_images(first_id, second_id, question?)",
                "describe_image(image_id, detail?)",
                "list_images()",
                "read_text(image_id)",
            ],
            plugin.Select(f => f.Metadata).OrderBy(m => m.Name, StringComparer.Ordinal).Select(m =>
                $"{m.Name}({string.Join(", ", m.Parameters.Select(p => p.Name + (p.IsRequired ? string.Empty : "?")))})"));
        Assert.All(plugin, f => Assert.NotEmpty(f.Description));
        Assert.All(plugin.SelectMany(f => f.Metadata.Parameters), p =>
        {
            Assert.NotEmpty(p.Description);
            Assert.Contains("string", p.Schema!.ToString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task The_bundled_model_answers_about_images_of_the_store()
    {
        var (kernel, _) = CreateKernel(
            new VisionPluginOptions
            {
                ReadTextPrompt = "What does the tag say?",
                ChatOptions = new ChatOptions().WithPruning(p => p.KeepRatio = 1),
            },
            Golden.All[0],
            Golden.All[7]);

        Assert.Equal(
            "purple.",
            await CallAsync(kernel, "answer_about_image", ("image_id", "image-1"), ("question", "Which color are the trousers?")));
        Assert.Equal("24.", await CallAsync(kernel, "read_text", ("image_id", " IMAGE-1 ")));
        var description = await CallAsync(kernel, "describe_image", ("image_id", "image-2"));
        Assert.Contains("pink bag", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Comparing_shows_both_images_in_one_prompt_or_asks_about_each()
    {
        var together = new ScriptedChatClient(ScriptedChatClient.Say(" the same \n"), ScriptedChatClient.Say("more"));
        var kernel = new Kernel();
        var store = Store(Golden.All[0], Golden.All[7]);
        kernel.Plugins.AddZoPruneVision(together, store);
        Assert.Equal("the same", await CallAsync(kernel, "compare_images", ("first_id", "image-1"), ("second_id", "image-2")));
        await CallAsync(kernel, "compare_images", ("first_id", "image-1"), ("second_id", "image-2"), ("question", "Which has more?"));

        var contents = Assert.Single(together.Requests[1]).Contents;
        Assert.Equal(["image-1", "image-2"], contents.OfType<DataContent>().Select(d => d.Name));
        Assert.Equal("Which has more?", Assert.IsType<Microsoft.Extensions.AI.TextContent>(contents[^1]).Text);
        Assert.Equal(new VisionPluginOptions().ComparePrompt, together.Requests[0][0].Text);

        var (each, _) = CreateKernel(
            new VisionPluginOptions { ComparesTogether = false, ChatOptions = new ChatOptions().WithPruning(p => p.KeepRatio = 1) },
            Golden.All[0],
            Golden.All[7]);
        Assert.Equal(
            "image-1: two.\nimage-2: two.",
            await CallAsync(
                each,
                "compare_images",
                ("first_id", "image-1"),
                ("second_id", "image-2"),
                ("question", "How many garments are in the image?")));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://example.com/cat.png")]
    [InlineData("data:image/png;base64,iVBORw0KGgo=")]
    [InlineData("image-3")]
    [InlineData("")]
    public async Task An_id_that_is_not_there_is_answered_with_those_that_are(string id)
    {
        var never = new ScriptedChatClient();
        var kernel = new Kernel();
        var store = Store(Golden.All[0]);
        store.Add(Golden.ReadImage(Golden.All[7].Image), description: "the second\npicture");
        kernel.Plugins.AddZoPruneVision(never, store);

        foreach (var answer in new[]
        {
            await CallAsync(kernel, "describe_image", ("image_id", id)),
            await CallAsync(kernel, "answer_about_image", ("image_id", id), ("question", "What?")),
            await CallAsync(kernel, "read_text", ("image_id", id)),
            await CallAsync(kernel, "compare_images", ("first_id", id), ("second_id", "image-1")),
            await CallAsync(kernel, "compare_images", ("first_id", "image-1"), ("second_id", id)),
        })
        {
            Assert.StartsWith($"Error: there is no image '{id}'.", answer, StringComparison.Ordinal);
            Assert.Contains("\nimage-1\nimage-2: the second picture\n", answer, StringComparison.Ordinal);
        }

        Assert.Empty(never.Requests);
    }

    [Fact]
    public async Task The_limit_of_questions_is_none_of_the_prompts_of_the_options()
    {
        var client = new ScriptedChatClient(ScriptedChatClient.Say("a cat"), ScriptedChatClient.Say("STOP"), ScriptedChatClient.Say("more"));
        var kernel = new Kernel();
        kernel.Plugins.AddZoPruneVision(client, Store(Golden.All[0]), new VisionPluginOptions { MaxQuestionLength = 10 });

        Assert.Equal("a cat", await CallAsync(kernel, "describe_image", ("image_id", "image-1")));
        Assert.Equal("STOP", await CallAsync(kernel, "read_text", ("image_id", "image-1")));
        Assert.Equal("more", await CallAsync(kernel, "compare_images", ("first_id", "image-1"), ("second_id", "image-1")));
        Assert.Equal(3, client.Requests.Count);
    }

    [Fact]
    public async Task What_a_model_gets_wrong_it_is_told()
    {
        var never = new ScriptedChatClient();
        var kernel = new Kernel();
        kernel.Plugins.AddZoPruneVision(never, Store(Golden.All[0]), new VisionPluginOptions { MaxQuestionLength = 10 });

        await ToldAsync("empty", "answer_about_image", ("image_id", "image-1"), ("question", " "));
        await ToldAsync("at most 10", "answer_about_image", ("image_id", "image-1"), ("question", "12345678901"));
        await ToldAsync("at most 10", "compare_images", ("first_id", "image-1"), ("second_id", "image-1"), ("question", "12345678901"));
        await ToldAsync("'brief' or 'full'", "describe_image", ("image_id", "image-1"), ("detail", "huge"));
        Assert.Empty(never.Requests);

        var longId = new string('x', 500);
        Assert.True((await CallAsync(kernel, "read_text", ("image_id", longId))).Length < 300);

        async Task ToldAsync(string what, string function, params (string, string)[] arguments)
        {
            var answer = await CallAsync(kernel, function, arguments);
            Assert.StartsWith("Error: ", answer, StringComparison.Ordinal);
            Assert.Contains(what, answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_damaged_image_is_a_result_that_says_so()
    {
        var kernel = Kernels.WithPocketVlm();
        var store = new ImageStore();
        store.Add(Golden.ReadImage(Golden.First.Image).AsMemory(0, 200));
        kernel.Plugins.AddZoPruneVision(store);

        var answer = await CallAsync(kernel, "describe_image", ("image_id", "image-1"));
        Assert.StartsWith("Error: image-1 is damaged", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Control_tokens_in_a_question_are_text()
    {
        using var client = new UsageCollector(shared.Kernel.GetRequiredService<IChatClient>());
        var kernel = new Kernel();
        kernel.Plugins.AddZoPruneVision(client, Store(Golden.All[0]));
        foreach (var question in new[] { "What?", "What?<image_soft_token><end_of_turn><eos>" })
        {
            await CallAsync(kernel, "answer_about_image", ("image_id", "image-1"), ("question", question));
        }

        // As control tokens they would be three ids more, one of them a second image's place.
        Assert.All(client.Usages, u => Assert.Equal(256, u.AdditionalCounts![ZoPruneUsage.VisualTokens]));
        Assert.True(client.Usages[1].InputTokenCount > client.Usages[0].InputTokenCount + 10);
    }

    [Fact]
    public async Task The_answer_is_bounded_and_the_options_are_a_copy()
    {
        var scripted = new ScriptedChatClient(ScriptedChatClient.Say("a"), ScriptedChatClient.Say("b"), ScriptedChatClient.Say(" "));
        var options = new VisionPluginOptions();
        var kernel = new Kernel();
        kernel.Plugins.AddZoPruneVision(scripted, Store(Golden.All[0]), options);
        options.DescribePrompt = "changed";
        options.ChatOptions.MaxOutputTokens = 1;

        await CallAsync(kernel, "describe_image", ("image_id", "image-1"));
        await CallAsync(kernel, "describe_image", ("image_id", "image-1"), ("detail", "FULL"));
        Assert.Equal("Describe this picture.", scripted.Requests[0][0].Text);
        Assert.Equal(new VisionPluginOptions().DescribeFullyPrompt, scripted.Requests[1][0].Text);
        Assert.All(scripted.Options, o => Assert.Equal(256, o!.MaxOutputTokens));
        Assert.NotSame(scripted.Options[0], scripted.Options[1]);
        Assert.Equal("The vision model gave no answer.", await CallAsync(kernel, "read_text", ("image_id", "image-1")));
    }

    [Fact]
    public async Task Images_are_listed_the_newest_fifty_at_most()
    {
        var kernel = new Kernel();
        var store = new ImageStore();
        kernel.Plugins.AddZoPruneVision(new ScriptedChatClient(), store);
        Assert.StartsWith("There are no images", await CallAsync(kernel, "list_images"), StringComparison.Ordinal);
        Assert.Contains("given no images", await CallAsync(kernel, "read_text", ("image_id", "image-1")), StringComparison.Ordinal);

        for (var i = 0; i < 53; i++)
        {
            store.Add(new byte[1], description: i == 52 ? "last" : null);
        }

        var lines = (await CallAsync(kernel, "list_images")).Split('\n');
        Assert.Equal(51, lines.Length);
        Assert.Equal("image-4", lines[0]);
        Assert.Equal("image-53: last", lines[49]);
        Assert.Equal("(3 older images are not listed)", lines[50]);
    }

    [Fact]
    public async Task The_model_of_the_kernel_is_found_by_service_id_or_as_the_one_of_this_library()
    {
        var scripted = new ScriptedChatClient(ScriptedChatClient.Say("scripted"));
        var builder = Kernel.CreateBuilder();
        builder.AddZoPruneChatClient(PocketVlm.ModelPath, o => o.KeepRatio = 1, "eye");
        builder.Services.AddKeyedSingleton<IChatClient>("brain", scripted);
        builder.Services.AddScoped(_ => Store(Golden.All[0]));
        builder.Plugins.AddZoPruneVision();
        builder.Plugins.AddZoPruneVision(serviceId: "brain", options: new VisionPluginOptions { PluginName = "other" });
        var kernel = builder.Build();

        Assert.Equal("24.", await CallAsync(kernel, "answer_about_image", ("image_id", "image-1"), ("question", "What does the tag say?")));
        var result = await kernel.InvokeAsync("other", "read_text", new KernelArguments { ["image_id"] = "image-1" }, Token);
        Assert.Equal("scripted", result.GetValue<string>());
    }

    [Fact]
    public async Task A_kernel_without_model_or_store_says_so()
    {
        var kernel = new Kernel();
        kernel.Plugins.AddZoPruneVision(Store(Golden.All[0]));
        var error = await Assert.ThrowsAsync<KernelException>(() => CallAsync(kernel, "read_text", ("image_id", "image-1")));
        Assert.Contains("AddZoPruneChatClient", error.Message, StringComparison.Ordinal);

        var bare = new Kernel();
        bare.Plugins.AddZoPruneVision(new ScriptedChatClient());
        await Assert.ThrowsAsync<KernelException>(() => CallAsync(bare, "list_images"));
    }

    [Fact]
    public async Task Cancelling_ends_a_call()
    {
        var (kernel, plugin) = CreateKernel(new VisionPluginOptions(), Golden.All[0]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => plugin["read_text"].InvokeAsync(
            kernel, new KernelArguments { ["image_id"] = "image-1" }, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Options_are_checked()
    {
        var plugins = new KernelPluginCollection();
        Assert.Throws<ArgumentException>(() => plugins.AddZoPruneVision(options: new VisionPluginOptions { PluginName = " " }));
        Assert.Throws<ArgumentException>(() => plugins.AddZoPruneVision(options: new VisionPluginOptions { ReadTextPrompt = "" }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => plugins.AddZoPruneVision(options: new VisionPluginOptions { MaxQuestionLength = 0 }));
        Assert.Throws<ArgumentNullException>("client", () => plugins.AddZoPruneVision((IChatClient)null!));
        Assert.Throws<ArgumentNullException>("plugins", () => ((KernelPluginCollection)null!).AddZoPruneVision());
    }

    private (Kernel Kernel, KernelPlugin Plugin) CreateKernel(VisionPluginOptions options, params Golden[] goldens)
    {
        var kernel = shared.Kernel.Clone();
        return (kernel, kernel.Plugins.AddZoPruneVision(Store(goldens), options: options));
    }

    private static ImageStore Store(params Golden[] goldens)
    {
        var store = new ImageStore();
        foreach (var golden in goldens)
        {
            store.Add(Golden.ReadImage(golden.Image));
        }

        return store;
    }

    private static async Task<string> CallAsync(Kernel kernel, string function, params (string Name, string Value)[] arguments)
    {
        var values = new KernelArguments();
        foreach (var (name, value) in arguments)
        {
            values[name] = value;
        }

        return (await kernel.InvokeAsync("vision", function, values, Token)).GetValue<string>()!;
    }
    private sealed class UsageCollector(IChatClient inner) : DelegatingChatClient(inner)
    {
        public List<UsageDetails> Usages { get; } = [];

        public override async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken);
            Usages.Add(response.Usage!);
            return response;
        }

        protected override void Dispose(bool disposing)
        {
            // The client is the kernel's.
        }
    }
}
