using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client.Support;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client;

/// <summary>How the language model is chosen, and what is said of a choice that cannot be.</summary>
public sealed class OptionsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_with_equal_settings_share_a_model_and_others_do_not()
    {
        GenAI.SkipIfAbsent();
        var folder = ModelFolders.PathOf("genai/gemma3");
        Action<ZoPruneOptions>[] settings =
        [
            o => o.UseOnnxRuntimeGenAI(), o => o.UseOnnxRuntimeGenAI(g => g.ExecutionProvider = " "),
            o => o.UseOnnxRuntimeGenAI(g => g.ExecutionProvider = "cpu"), o => o.LanguageModel = new OnnxRuntimeGenAIBackend("CPU"),
            _ => { },
        ];
        ZoPruneChatClient[] clients = [.. settings.Select(s => Clients.Create(o =>
        {
            o.ModelPath = folder;
            s(o);
        }))];
        try
        {
            await Task.WhenAll(clients.Select(c => c.LoadAsync(Token)));
            var models = clients.Select(c => c.GetService<VisionLanguageModel>()!).ToArray();

            Assert.Same(models[0], models[1]);
            Assert.Same(models[2], models[3]);
            Assert.Equal(3, models.Distinct().Count());
        }
        finally
        {
            Array.ForEach(clients, c => c.Dispose());
        }
    }

    [Fact]
    public async Task Configuration_chooses_it_by_name()
    {
        GenAI.SkipIfAbsent();
        await using var provider = Provide(new()
        {
            ["ZoPrune:ModelPath"] = ModelFolders.PathOf("genai/gemma3"),
            ["ZoPrune:LanguageModel"] = "onnxruntimegenai",
            ["ZoPrune:OnnxRuntimeGenAI:ExecutionProvider"] = "cpu",
        });
        var backend = Assert.IsType<OnnxRuntimeGenAIBackend>(provider.GetRequiredService<IOptions<ZoPruneOptions>>().Value.LanguageModel);
        Assert.Equal("cpu", backend.ExecutionProvider);

        var response = await provider.GetRequiredService<IChatClient>().GetResponseAsync("hello", ConversationScript.Greedy(), Token);
        Assert.Equal("OnnxRuntimeGenAI", Pair.LanguageModelOf(response));
    }

    [Theory]
    [InlineData("OnnxRuntime")]
    [InlineData("onnxruntime")]
    public void Configuration_takes_the_choice_back(string name)
    {
        // Layers of configuration replace values and cannot remove what a lower one has.
        using var provider = Provide(
            new() { ["ZoPrune:LanguageModel"] = name, ["ZoPrune:OnnxRuntimeGenAI:ExecutionProvider"] = "cuda" }, o => o.UseOnnxRuntimeGenAI());
        Assert.Null(provider.GetRequiredService<IOptions<ZoPruneOptions>>().Value.LanguageModel);
    }

    [Theory]
    [InlineData("LanguageModel", "Llama", "'Llama'")]
    [InlineData("OnnxRuntimeGenAI:ExecutionProvider", "cuda", "LanguageModel is not OnnxRuntimeGenAI")]
    [InlineData("OnnxRuntimeGenAI:Provider", "cuda", "unknown key 'Provider'; known are ExecutionProvider")]
    [InlineData("OnnxRuntimeGenAI", "cuda", "'ZoPrune:OnnxRuntimeGenAI' has a value")]
    public void What_configuration_cannot_mean_is_an_error(string key, string value, string named)
    {
        using var provider = Provide(new() { ["ZoPrune:" + key] = value });
        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<ZoPruneOptions>>().Value);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_the_other_layout_is_refused()
    {
        GenAI.SkipIfAbsent();
        var folder = ModelFolders.PathOf("hf/llava");
        using var client = Clients.Create(o => o.UseOnnxRuntimeGenAI().ModelPath = folder);
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => client.LoadAsync(Token));
        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
        Assert.Contains("transformers.js", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_names_no_provider_keeps_the_configured_one()
    {
        var options = new ZoPruneOptions { LanguageModel = new OnnxRuntimeGenAIBackend("cuda") };

        Assert.Equal(new OnnxRuntimeGenAIBackend("cuda"), options.UseOnnxRuntimeGenAI().LanguageModel);
        Assert.Equal(new OnnxRuntimeGenAIBackend("DML"), options.UseOnnxRuntimeGenAI(g => g.ExecutionProvider = "DML").LanguageModel);
        Assert.Equal(new OnnxRuntimeGenAIBackend(), options.UseOnnxRuntimeGenAI(g => g.ExecutionProvider = null).LanguageModel);
        Assert.NotEqual<object?>(new OnnxRuntimeGenAIBackend("cuda"), options.LanguageModel);
    }

    [Fact]
    public async Task The_log_says_what_generates_and_where()
    {
        GenAI.SkipIfAbsent();

        // A folder that no other test has open: what is shared is loaded once.
        var folder = ZooModels.CopyPocketVlm();
        var logs = new CollectingLoggerFactory();
        using var client = Clients.Create(o => o.UseOnnxRuntimeGenAI().ModelPath = folder, logs);
        await client.LoadAsync(Token);
        using var plain = Clients.Create(Clients.WithFreshCaches, logs);
        await plain.LoadAsync(Token);
        Assert.Contains(logs.Lines, line => line.Contains("OnnxRuntimeGenAI on CPU generates", StringComparison.Ordinal));
        Assert.Equal("OnnxRuntimeGenAI on CPU", client.GetService<VisionLanguageModel>()!.LanguageModelDescription);
        Assert.Equal("OnnxRuntime", plain.GetService<VisionLanguageModel>()!.LanguageModelDescription);
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("DML")]
    [InlineData("QNN")]
    [InlineData("abacus")]
    public async Task A_provider_that_is_not_there_is_an_error_that_names_it(string name)
    {
        GenAI.SkipIfAbsent();
        var folder = ModelFolders.PathOf(ModelFolders.PocketVlm);
        using var client = Clients.Create(o => o.UseOnnxRuntimeGenAI(g => g.ExecutionProvider = name).ModelPath = folder);
        var error = await Assert.ThrowsAsync<ModelFolderException>(() => client.GetResponseAsync("hello", null, Token));
        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.OrdinalIgnoreCase);
        await Assert.ThrowsAsync<ModelFolderException>(() => client.LoadAsync(Token));
    }

    [Theory]
    [InlineData("genai/gemma3")]
    [InlineData("genai/qwen3_vl")]
    public async Task A_file_that_is_missing_is_named(string source)
    {
        GenAI.SkipIfAbsent();
        foreach (var file in new[] { "decoder", "embedding", "vision" })
        {
            var folder = ZooModels.Copy(ModelFolders.PathOf(source));
            var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "genai_config.json"), Token))!;
            var name = config["model"]![file]!["filename"]!.GetValue<string>();
            File.Delete(Path.Combine(folder, name));
            using var client = Clients.Create(o => o.UseOnnxRuntimeGenAI().ModelPath = folder);
            var error = await Assert.ThrowsAsync<ModelFolderException>(() => client.LoadAsync(Token));
            Assert.Contains(Path.Combine(folder, name), error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_only_GenAI_finds_wrong_names_the_folder()
    {
        GenAI.SkipIfAbsent();
        var folder = ZooModels.Copy(ModelFolders.PathOf("genai/gemma3"));
        var file = Path.Combine(folder, "genai_config.json");
        var config = JsonNode.Parse(await File.ReadAllTextAsync(file, Token))!;
        config["search"]!["zeal"] = 1;
        await File.WriteAllTextAsync(file, config.ToJsonString(), Token);
        using var own = Clients.Create(o => o.ModelPath = folder);
        await own.LoadAsync(Token);
        using var client = Clients.Create(o => o.UseOnnxRuntimeGenAI().ModelPath = folder);

        var error = await Assert.ThrowsAsync<ModelFolderException>(() => client.LoadAsync(Token));
        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
        Assert.Contains("zeal", error.Message, StringComparison.Ordinal);
        Assert.IsType<OnnxRuntimeGenAIException>(error.InnerException);
    }

    [Fact]
    public async Task A_damaged_decoder_is_an_error_of_the_folder()
    {
        GenAI.SkipIfAbsent();
        var folder = ZooModels.Copy(ModelFolders.PathOf("genai/gemma3"));
        var file = Path.Combine(folder, "model.onnx");
        var bytes = await File.ReadAllBytesAsync(file, Token);
        await File.WriteAllBytesAsync(file, bytes[..(bytes.Length / 2)], Token);
        using var client = Clients.Create(o => o.UseOnnxRuntimeGenAI().ModelPath = folder);

        var error = await Assert.ThrowsAsync<ModelFolderException>(() => client.LoadAsync(Token));
        Assert.Contains(Path.GetFileName(file), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("genai/gemma3")]
    [InlineData("genai/mistral3")]
    [InlineData("genai/qwen2_5_vl")]
    public async Task A_prompt_that_is_too_long_is_an_error_and_one_that_just_fits_is_answered(string folder)
    {
        GenAI.SkipIfAbsent();
        foreach (var caches in new Action<ZoPruneOptions>[] { Clients.WithoutCaches, Clients.WithFreshCaches })
        {
            using var pair = new Pair(folder, caches);
            var limit = pair.GenAI.GetService<VisionLanguageModel>()!.MaxLength;
            ChatMessage Words(int count) => new(ChatRole.User, string.Concat(Enumerable.Repeat(" a", count)));
            var perWord = (await pair.AskAsync([Words(40)], new ChatOptions { MaxOutputTokens = 1 })).Usage!.InputTokenCount!.Value
                - (await pair.AskAsync([Words(20)], new ChatOptions { MaxOutputTokens = 1 })).Usage!.InputTokenCount!.Value;
            var others = (await pair.AskAsync([Words(20)], new ChatOptions { MaxOutputTokens = 1 })).Usage!.InputTokenCount!.Value - perWord;
            var most = (int)((limit - 1 - others) * 20 / perWord);

            var full = await pair.AskAsync([Words(most)], new ChatOptions { Temperature = 0 });
            Assert.InRange(full.Usage!.InputTokenCount!.Value, limit - 4, limit - 1);
            Assert.True(full.Usage.TotalTokenCount <= limit);
            var error = await Assert.ThrowsAsync<ContextLengthExceededException>(() => pair.GenAI.GetResponseAsync([Words(most + 6)], null, Token));
            Assert.Equal(limit, error.Limit);
        }
    }

    private static ServiceProvider Provide(Dictionary<string, string?> values, Action<ZoPruneOptions>? before = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        if (before is not null)
        {
            services.Configure(before);
        }

        services.AddZoPruneChatClient();
        return services.BuildServiceProvider();
    }
}
