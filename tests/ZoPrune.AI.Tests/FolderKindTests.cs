using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

/// <summary>The chat client on folders of every kind: random weights, so that only the way to the answer says something.</summary>
public sealed class FolderKindTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders { get; } = new(
        new[] { "genai", "hf" }.SelectMany(layout => Directory.EnumerateDirectories(TestData.PathTo("zoo", layout))
            .Select(folder => layout + "/" + Path.GetFileName(folder))
            .Where(folder => folder != "hf/images")));

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_question_about_an_image_is_answered_from_a_part_of_its_tokens(string folder)
    {
        using var client = Clients.Create(o => (o.ModelPath, o.KeepRatio) = (PathTo(folder), 0.25));

        var response = await client.GetResponseAsync([Question("square56.png")], new ChatOptions { MaxOutputTokens = 3 }, Token);

        var image = Assert.Single(response.GetPruningReport()!.Images);
        Assert.Equal("sads-proportional", image.Selector);
        Assert.NotNull(image.Estimator);
        Assert.Equal((int)Math.Round(0.25 * (image.VisualTokens - image.StructuralTokens)), image.VisualTokensKept - image.StructuralTokens);
        Assert.Equal(image.VisualTokensKept, response.Usage!.AdditionalCounts![ZoPruneUsage.VisualTokensKept]);
    }

    [Fact]
    public async Task Pictures_are_cut_into_tiles_unless_the_options_say_otherwise()
    {
        Assert.Equal(16, await VisualTokensAsync(o => o.SplitImages = false));
        Assert.Equal(160, await VisualTokensAsync(o => o.SplitImages = null));

        static async Task<int> VisualTokensAsync(Action<ZoPruneOptions> configure)
        {
            using var client = Clients.Create(o =>
            {
                o.ModelPath = PathTo("hf/idefics3");
                configure(o);
            });
            var response = await client.GetResponseAsync([Question("square56.png")], new ChatOptions { MaxOutputTokens = 1 }, Token);
            return response.GetPruningReport()!.Images[0].VisualTokens;
        }
    }

    [Fact]
    public async Task A_variant_that_is_not_there_is_named_with_those_that_are()
    {
        using var client = Clients.Create(o => (o.ModelPath, o.Variants) = (PathTo("hf/llava"), new GraphVariants(Decoder: "q4f16")));

        var error = await Assert.ThrowsAsync<ModelFolderException>(() => client.GetResponseAsync("Hello", cancellationToken: Token));

        Assert.Contains("q4f16", error.Message, StringComparison.Ordinal);
        Assert.Contains("decoder_model_merged_q4.onnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_orientation_that_does_not_exist_is_refused() =>
        Assert.Contains(
            "Images.Orientation",
            Assert.ThrowsAny<Exception>(() => Clients.Create(o => o.Images.Orientation = (ImageOrientation)7)).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task Compact_positions_are_refused_where_tokens_have_a_place_in_the_picture()
    {
        using var client = Clients.Create(o =>
            (o.ModelPath, o.KeepRatio, o.PositionPolicy) = (PathTo("genai/qwen3_vl"), 0.25, PositionPolicy.Compact));

        var error = await Assert.ThrowsAsync<NotSupportedException>(
            () => client.GetResponseAsync([Question("wide120x60.png")], new ChatOptions { MaxOutputTokens = 1 }, Token));

        Assert.Contains("Original", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompts_with_negative_placeholders_can_be_logged()
    {
        using var logs = new CollectingLoggerFactory();
        using var client = Clients.Create(o => (o.ModelPath, o.LogSensitiveData) = (PathTo("genai/phi3v"), true), logs);

        await client.GetResponseAsync([Question("banner178x20.png")], new ChatOptions { MaxOutputTokens = 1 }, Token);

        Assert.Contains(logs.Lines, l => l.Contains("What is it?", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reports_of_images_that_were_cut_name_the_tile_of_each_token_instead_of_a_grid()
    {
        using var client = Clients.Create(o => (o.ModelPath, o.MaxVisualTokens) = (PathTo("hf/idefics3"), 5));

        var response = await client.GetResponseAsync([Question("square56.png")], new ChatOptions { MaxOutputTokens = 1 }, Token);

        var image = response.GetPruningReport()!.Images[0];
        Assert.Null(image.Grid);
        Assert.Equal(Enumerable.Range(0, 160).Select(row => row / 16), image.Crops);
        Assert.Contains(image.Notes, n => n.Contains("too small for 10 crops: 5 keep no token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_estimator_that_finds_nothing_out_is_replaced_with_a_note()
    {
        using var client = Clients.Create(o => (o.ModelPath, o.Estimator) = (PathTo("hf/paligemma"), SensitivityEstimation.ZerothOrder));

        var response = await client.GetResponseAsync([Question("square56.png")], new ChatOptions { MaxOutputTokens = 1 }, Token);

        var image = response.GetPruningReport()!.Images[0];
        Assert.Equal("normalized-linear", image.Estimator);
        Assert.Contains(image.Notes, n => n.Contains("one affine map", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Options_that_a_folder_cannot_follow_are_refused()
    {
        using var variants = Clients.Create(o => (o.ModelPath, o.Variants) = (PathTo("genai/fara"), GraphVariants.All("fp16")));
        using var tiles = Clients.Create(o => (o.ModelPath, o.SplitImages) = (PathTo("hf/llava"), true));

        var first = await Assert.ThrowsAsync<ModelFolderException>(() => variants.GetResponseAsync("Hello", cancellationToken: Token));
        var second = await Assert.ThrowsAsync<NotSupportedException>(() => tiles.GetResponseAsync("Hello", cancellationToken: Token));

        Assert.Contains("Variants", first.Message, StringComparison.Ordinal);
        Assert.Contains("SplitImages", second.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_the_native_library_lacks_is_no_missing_library()
    {
        using var client = Clients.Create(o => o.ConfigureSession = _ => throw new EntryPointNotFoundException("AppendExecutionProvider_X"));

        var error = await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync("Hello", cancellationToken: Token));

        Assert.Contains("ConfigureSession", error.Message, StringComparison.Ordinal);
    }

    private static string PathTo(string folder) => TestData.PathTo(["zoo", .. folder.Split('/')]);

    private static ChatMessage Question(string picture) => new(
        ChatRole.User,
        [new DataContent(File.ReadAllBytes(TestData.PathTo("zoo", "images", picture)), "image/png"), new TextContent("What is it?")]);
}
