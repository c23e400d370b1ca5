using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Text.Tools;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class OptionsTests
{
    [Fact]
    public void Every_option_is_bound()
    {
        var options = Bind(new()
        {
            ["ZoPrune:ModelPath"] = PocketVlm.ModelPath,
            ["ZoPrune:KeepRatio"] = "0.25",
            ["ZoPrune:MaxVisualTokens"] = "100",
            ["ZoPrune:MinVisualTokens"] = "10",
            ["ZoPrune:Estimator"] = "ZerothOrder",
            ["ZoPrune:EstimatorDirections"] = "32",
            ["ZoPrune:EstimatorStep"] = "0.05",
            ["ZoPrune:Selector"] = "divprune",
            ["ZoPrune:CosineSpace"] = "MeanCentred",
            ["ZoPrune:Seed"] = "7",
            ["ZoPrune:PositionPolicy"] = "Compact",
            ["ZoPrune:ProjectorInput"] = "/proj/in",
            ["ZoPrune:Threads"] = "2",
            ["ZoPrune:ToolCallFormat"] = "Llama3",
            ["ZoPrune:Images:MaxBytes"] = "1000000",
            ["ZoPrune:Images:MaxSide"] = "2000",
            ["ZoPrune:Images:MaxPixels"] = "3000000",
            ["ZoPrune:Images:MaxCount"] = "4",
            ["ZoPrune:Images:MaxConcurrency"] = "3",
            ["ZoPrune:ContentAccess:AllowedOrigins:0"] = "https://a.example",
            ["ZoPrune:ContentAccess:AllowedOrigins:1"] = "https://*.b.example",
            ["ZoPrune:ContentAccess:AllowedDirectories:0"] = Path.GetTempPath(),
            ["ZoPrune:ContentAccess:MaxBytes"] = "5000",
            ["ZoPrune:ContentAccess:Timeout"] = "00:00:03",
            ["ZoPrune:ContentAccess:MaxRedirects"] = "1",
            ["ZoPrune:IncludeSensitivities"] = "true",
            ["ZoPrune:LogSensitiveData"] = "true",
        });
        Assert.Equal(PocketVlm.ModelPath, options.ModelPath);
        Assert.Equal((0.25, 100, 10), (options.KeepRatio, options.MaxVisualTokens, options.MinVisualTokens));
        Assert.Equal(
            (SensitivityEstimation.ZerothOrder, 32, 0.05f), (options.Estimator, options.EstimatorDirections, options.EstimatorStep));
        Assert.Equal((TokenSelection.DivPrune, CosineSpace.MeanCentred, 7), (options.Selector, options.CosineSpace, options.Seed));
        Assert.Equal((PositionPolicy.Compact, "/proj/in", 2), (options.PositionPolicy, options.ProjectorInput, options.Threads));
        Assert.Equal(
            (1_000_000L, 2000, 3_000_000L, 4, 3),
            (options.Images.MaxBytes, options.Images.MaxSide, options.Images.MaxPixels, options.Images.MaxCount, options.Images.MaxConcurrency));
        Assert.Equal(["https://a.example", "https://*.b.example"], options.ContentAccess.AllowedOrigins);
        Assert.Equal([Path.GetTempPath()], options.ContentAccess.AllowedDirectories);
        Assert.Equal(
            (5000L, TimeSpan.FromSeconds(3), 1),
            (options.ContentAccess.MaxBytes, options.ContentAccess.Timeout, options.ContentAccess.MaxRedirects));
        Assert.True(options.IncludeSensitivities && options.LogSensitiveData);
        Assert.Same(ToolCallFormats.Llama3, options.ToolCallFormat);
    }

    [Fact]
    public void A_format_of_tool_calls_that_is_not_known_is_an_error_that_lists_those_that_are()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind(new() { ["ZoPrune:ToolCallFormat"] = "xml" }));
        Assert.Contains("'xml'", error.Message, StringComparison.Ordinal);
        Assert.Contains("qwen", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OnnxRuntimeGenAI", "in the package ZoPrune.AI.OnnxRuntimeGenAI, which the application does not reference")]
    [InlineData("onnxruntimegenai", "in the package ZoPrune.AI.OnnxRuntimeGenAI, which the application does not reference")]
    [InlineData("Llama", "no language model 'Llama'; there are OnnxRuntime and OnnxRuntimeGenAI")]
    public void A_language_model_that_is_not_there_is_an_error(string name, string named)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind(new() { ["ZoPrune:LanguageModel"] = name }));
        Assert.Contains("'ZoPrune': LanguageModel: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_of_a_language_model_need_that_language_model()
    {
        var settings = new Dictionary<string, string?> { ["ZoPrune:OnnxRuntimeGenAI:ExecutionProvider"] = "cuda" };
        var error = Assert.Throws<OptionsValidationException>(() => Bind(settings));
        Assert.Contains("OnnxRuntimeGenAI has settings, but LanguageModel is not", error.Message, StringComparison.Ordinal);

        // The own sessions by name: another layer had chosen, and its settings are still there.
        settings["ZoPrune:LanguageModel"] = "OnnxRuntime";
        Assert.Null(Bind(settings).LanguageModel);
    }

    [Fact]
    public void Defaults_are_those_of_the_documentation()
    {
        var options = new ZoPruneOptions();
        Assert.Equal(1.0 / 3, options.KeepRatio);
        Assert.Equal((64, 0.01f), (options.EstimatorDirections, options.EstimatorStep));
        Assert.Equal((null, 1), (options.MaxVisualTokens, options.MinVisualTokens));
        Assert.Equal((32, 2), (options.Images.MaxCount, options.Images.MaxConcurrency));
        Assert.Empty(options.ContentAccess.AllowedOrigins);
        Assert.Empty(options.ContentAccess.AllowedDirectories);
        Assert.False(options.LogSensitiveData);
    }

    [Theory]
    [InlineData("ZoPrune:KeepRatio", "a lot", "ZoPrune:KeepRatio")]
    [InlineData("ZoPrune:Selector", "Best", "ZoPrune:Selector")]
    [InlineData("ZoPrune:KeepRation", "0.5", "'ZoPrune' has the unknown key 'KeepRation'; known are ModelPath, KeepRatio")]
    [InlineData("ZoPrune:Images:MaxPixel", "5", "'ZoPrune:Images' has the unknown key 'MaxPixel'; known are MaxBytes")]
    [InlineData("ZoPrune:ConfigureSession", "x", "unknown key 'ConfigureSession'")]
    [InlineData("ZoPrune", "x", "'ZoPrune' has a value; it must be a section with the keys ModelPath")]
    [InlineData("ZoPrune:ContentAccess", "all", "'ZoPrune:ContentAccess' has a value")]
    [InlineData("ZoPrune:ContentAccess:AllowedOrigins", "https://a.example", "ZoPrune:ContentAccess:AllowedOrigins:0")]
    [InlineData("ZoPrune:KeepRatio:Door", "0.5", "ZoPrune:KeepRatio is a section")]
    public void What_cannot_be_bound_is_an_error_that_names_the_key(string key, string value, string named)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind(new() { [key] = value }));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal((string.Empty, typeof(ZoPruneOptions)), (error.OptionsName, error.OptionsType));
    }

    [Theory]
    [InlineData("ZoPrune")]
    [InlineData("ZoPrune:Images")]
    [InlineData("ZoPrune:ContentAccess:AllowedOrigins")]
    public void Sections_that_are_empty_change_nothing(string key)
    {
        foreach (var value in new[] { null, string.Empty })
        {
            var options = Bind(new() { [key] = value });
            Assert.Equal(1.0 / 3, options.KeepRatio);
            Assert.Equal(32, options.Images.MaxCount);
            Assert.Empty(options.ContentAccess.AllowedOrigins);
        }
    }

    [Fact]
    public void Every_option_but_those_of_code_alone_is_a_known_key()
    {
        static IEnumerable<string> NamesOf(Type type) => type.GetProperties().Select(p => p.Name);
        foreach (var (section, type) in new[]
        {
            ("ZoPrune", typeof(ZoPruneOptions)),
            ("ZoPrune:Images", typeof(ImageOptions)),
            ("ZoPrune:ContentAccess", typeof(ContentAccessOptions)),
            ("ZoPrune:Caching", typeof(CachingOptions)),
        })
        {
            var error = Assert.Throws<OptionsValidationException>(() => Bind(new() { [section + ":?"] = "1" }));
            var known = error.Message[(error.Message.IndexOf("known are ", StringComparison.Ordinal) + 10)..].TrimEnd('.').Split(", ");

            // Beside the name of a language model stand its settings, which are no option by themselves.
            string[] settings = section == "ZoPrune" ? ["OnnxRuntimeGenAI"] : [];
            Assert.Equal(NamesOf(type).Except([nameof(ZoPruneOptions.ConfigureSession)]).Concat(settings).Order(), known.Order());
        }
    }

    public static TheoryData<Action<ZoPruneOptions>, string> Invalid => new()
    {
        { o => o.KeepRatio = 0, "KeepRatio is 0; it must be above 0 and at most 1" },
        { o => o.KeepRatio = 1.01, "KeepRatio is 1.01" },
        { o => o.KeepRatio = double.NaN, "KeepRatio is NaN" },
        { o => o.MinVisualTokens = 0, "MinVisualTokens is 0" },
        { o => o.MaxVisualTokens = 0, "MaxVisualTokens is 0" },
        { o => (o.MinVisualTokens, o.MaxVisualTokens) = (9, 8), "MinVisualTokens is 9, but MaxVisualTokens is 8" },
        { o => o.EstimatorDirections = 0, "EstimatorDirections is 0; it must be between 1 and 4096" },
        { o => o.EstimatorStep = 0, "EstimatorStep is 0" },
        { o => o.Selector = (TokenSelection)99, "Selector is 99; it must be one of Sads" },
        { o => o.Threads = 0, "Threads is 0" },
        { o => o.Images.MaxBytes = 0, "Images.MaxBytes is 0" },
        { o => o.Caching.VisionFeatureBytes = -1, "Caching.VisionFeatureBytes is -1" },
        { o => o.Caching.KeyValueBytes = -1, "Caching.KeyValueBytes is -1" },
        { o => o.Caching = null!, "Caching is null" },
        { o => o.Images.MaxCount = 0, "Images.MaxCount is 0" },
        { o => o.Images.MaxConcurrency = 0, "Images.MaxConcurrency is 0; it must be between 1 and" },
        { o => o.Images = null!, "Images is null" },
        { o => o.ContentAccess.Timeout = TimeSpan.Zero, "ContentAccess.Timeout is 00:00:00" },
        { o => o.ContentAccess.MaxRedirects = 21, "ContentAccess.MaxRedirects is 21" },
        { o => o.ContentAccess.AllowedOrigins.Add("https://a/b"), "'https://a/b' is no origin" },
        { o => o.ContentAccess.AllowedDirectories.Add("pictures"), "'pictures' is no absolute path" },
        { o => o.ModelPath = "/nowhere/model", "the folder '/nowhere/model' does not exist" },
        { o => o.ModelPath = "model\0folder", "ModelPath has a null character" },
        { o => o.ModelPath = Path.Combine(PocketVlm.ModelPath, "genai_config.json"), "is a file, not a folder" },
        { o => o.ContentAccess.AllowedDirectories.Add(Path.GetTempPath() + "\0"), "AllowedDirectories: a path has a null character" },
        { o => o.ModelPath = AppContext.BaseDirectory, "has neither genai_config.json" },
    };

    [Theory]
    [MemberData(nameof(Invalid), DisableDiscoveryEnumeration = true)]
    public void Invalid_options_are_errors_that_name_option_value_and_range(Action<ZoPruneOptions> configure, string message)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Clients.Create(configure));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var error = Assert.Throws<OptionsValidationException>(
            () => Clients.Create(o => (o.KeepRatio, o.Threads, o.EstimatorStep) = (7, -1, -1)));
        Assert.Equal(3, error.Failures.Count());
    }

    [Fact]
    public void Without_any_model_the_error_says_what_to_do()
    {
        using var empty = new TemporaryFolder();
        var error = Assert.Throws<OptionsValidationException>(
            () => ZoPruneChatClient.Create(new ZoPruneOptions(), new ModelLocator(_ => null, empty.Path), null));
        Assert.Contains("ModelPath", error.Message, StringComparison.Ordinal);
        Assert.Contains("ZOPRUNE_MODEL_PATH", error.Message, StringComparison.Ordinal);
        Assert.Contains("ZoPrune.AI.PocketVlm", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_is_looked_for_in_options_then_environment_then_beside_the_application()
    {
        var locator = new ModelLocator(name => name == "ZOPRUNE_MODEL_PATH" ? "/from/environment" : null, AppContext.BaseDirectory);
        Assert.Equal("/configured", locator.Find("/configured"));
        Assert.Equal("/from/environment", locator.Find(" "));
        Assert.Equal(PocketVlm.ModelPath, new ModelLocator(_ => string.Empty, AppContext.BaseDirectory).Find(null));
    }

    [Fact]
    public async Task A_client_copies_its_options()
    {
        var options = new ZoPruneOptions { ModelPath = PocketVlm.ModelPath, KeepRatio = 0.5 };
        using var client = ZoPruneChatClient.Create(options);
        (options.KeepRatio, options.Images.MaxBytes, options.Images.MaxCount) = (0.25, 1, 0);
        var response = await client.GetResponseAsync(
            [Golden.First.ToMessage()], new() { MaxOutputTokens = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal(128, response.Usage!.AdditionalCounts![ZoPruneUsage.VisualTokensKept]);
    }

    private static ZoPruneOptions Bind(Dictionary<string, string?> values)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        services.AddZoPruneChatClient();
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<ZoPruneOptions>>().Value;
    }
}
