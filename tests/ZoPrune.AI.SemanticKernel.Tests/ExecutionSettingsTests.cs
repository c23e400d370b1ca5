using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.SemanticKernel.Pipeline;
using ZoPrune.AI.SemanticKernel.Tests.Support;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.SemanticKernel.Tests;

public sealed class ExecutionSettingsTests(SharedKernel shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly ZoPrunePromptExecutionSettings Full = new()
    {
        ServiceId = "eye",
        ModelId = "pocket-vlm",
        Temperature = 0.7f,
        TopP = 0.9f,
        TopK = 40,
        MaxTokens = 17,
        Seed = 1234567890123,
        FrequencyPenalty = 0.25f,
        PresencePenalty = -0.5f,
        StopSequences = ["\n", "END"],
        ResponseFormat = "json_object",
        KeepRatio = 0.1,
        MaxVisualTokens = 50,
        MinVisualTokens = 3,
        Estimator = SensitivityEstimation.ZerothOrder,
        Selector = TokenSelection.DivPrune,
        CosineSpace = CosineSpace.Raw,
        PruningSeed = -7,
        PositionPolicy = PositionPolicy.Compact,
        IncludeSensitivities = true,
    };

    [Fact]
    public void Every_typed_setting_reaches_the_chat_options()
    {
        var options = Translate(Full)!;

        Assert.Equal("pocket-vlm", options.ModelId);
        CheckAll(options);
    }

    [Fact]
    public void Every_loose_setting_reaches_the_chat_options_without_regard_to_case()
    {
        // As a prompt file in YAML gives them: everything is text, a list is one of objects.
        var options = Translate(Kernels.Settings(
            ("Temperature", "0.7"),
            ("top_p", "0.9"),
            ("top_k", "40"),
            ("max_tokens", "17"),
            ("seed", "1234567890123"),
            ("frequency_penalty", "0.25"),
            ("presence_penalty", "-0.5"),
            ("stop_sequences", new List<object> { "\n", "END" }),
            ("response_format", "json_object"),
            ("Keep_Ratio", "0.1"),
            ("max_visual_tokens", "50"),
            ("min_visual_tokens", 3),
            ("estimator", "zerothOrder"),
            ("selector", "DivPrune"),
            ("cosine_space", "Raw"),
            ("pruning_seed", -7L),
            ("position_policy", "Compact"),
            ("include_sensitivities", "true")))!;

        CheckAll(options);
    }

    [Fact]
    public void The_keys_of_chat_options_work_as_well()
    {
        var options = Translate(Kernels.Settings(("ZoPrune.KeepRatio", 0.1), ("ZoPrune.Selector", "DivPrune")))!;
        Assert.Equal(0.1, options.GetPruning()!.KeepRatio);
        Assert.Equal(TokenSelection.DivPrune, options.GetPruning()!.Selector);
    }

    [Fact]
    public void Options_are_not_changed_and_pass_as_they_are_where_nothing_is_ours()
    {
        var plain = new ChatOptions { Temperature = 1, AdditionalProperties = new() { ["other"] = 1 } };
        Assert.Same(plain, ExecutionSettingsChatClient.Translate(plain));
        Assert.Null(ExecutionSettingsChatClient.Translate(null));

        var ours = new ChatOptions { AdditionalProperties = new() { ["keep_ratio"] = 0.5 } };
        var translated = ExecutionSettingsChatClient.Translate(ours)!;
        Assert.Equal(0.5, ours.AdditionalProperties["keep_ratio"]);
        Assert.Equal("ZoPrune.KeepRatio", Assert.Single(translated.AdditionalProperties!.Keys));
    }

    [Fact]
    public async Task Pruning_follows_the_settings_of_the_prompt()
    {
        var answer = await AskAsync(Kernels.Settings(
            ("keep_ratio", 0.25), ("selector", "DivPrune"), ("include_sensitivities", true), ("position_policy", "Compact")));
        var image = Assert.Single(answer.GetPruningReport()!.Images);
        Assert.Equal(64, image.VisualTokensKept);
        Assert.Equal("Compact", answer.Metadata![ZoPruneUsage.UsedPositionPolicy]);

        var limited = await AskAsync(new ZoPrunePromptExecutionSettings { MaxVisualTokens = 11 });
        Assert.Equal(11, limited.GetPruningReport()!.VisualTokensKept);
    }

    [Fact]
    public async Task Settings_of_a_prompt_file_are_followed()
    {
        var config = PromptTemplateConfig.FromJson("""
            {
              "template": "<message role=\"user\"><image>{{$picture}}</image><text>{{$question}}</text></message>",
              "input_variables": [ { "name": "picture" }, { "name": "question" } ],
              "execution_settings": { "default": { "keep_ratio": 0.125, "max_tokens": 1, "temperature": 0 } }
            }
            """);
        var result = await shared.Kernel.InvokeAsync(
            shared.Kernel.CreateFunctionFromPrompt(config),
            new KernelArguments
            {
                ["picture"] = "data:image/png;base64," + Convert.ToBase64String(Golden.ReadImage(Golden.First.Image)),
                ["question"] = Golden.First.Question,
            },
            Token);

        Assert.Equal(32, result.GetPruningReport()!.VisualTokensKept);
        Assert.Equal(1, Assert.IsType<UsageDetails>(result.Metadata![KernelMetadata.Usage]).OutputTokenCount);
    }

    [Fact]
    public async Task Settings_that_nobody_knows_are_ignored_as_by_the_built_in_connectors()
    {
        var answer = await AskAsync(Kernels.Settings(("keep_ratio", 1), ("num_ctx", 4096), ("logit_bias", new Dictionary<string, int>())));
        Assert.Equal(Golden.First.Text, answer.Content);
    }

    [Theory]
    [InlineData("temperature", "hot")]
    [InlineData("top_p", "much")]
    [InlineData("top_k", true, "top_k")]
    [InlineData("max_tokens", "many")]
    [InlineData("seed", "1.5")]
    [InlineData("stop_sequences", "stop")]
    [InlineData("response_format", "xml")]
    [InlineData("keep_ratio", "half")]
    [InlineData("keep_ratio", 2.0, "KeepRatio")]
    [InlineData("keep_ratio", 0, "KeepRatio")]
    [InlineData("max_visual_tokens", 1.5)]
    [InlineData("min_visual_tokens", "few")]
    [InlineData("estimator", "Guess")]
    [InlineData("selector", 1)]
    [InlineData("cosine_space", "Flat")]
    [InlineData("pruning_seed", "x")]
    [InlineData("position_policy", "Anywhere")]
    [InlineData("include_sensitivities", "maybe")]
    [InlineData("ZoPrune.KeepRatoi", 0.5)]
    public async Task A_value_that_a_setting_cannot_have_names_the_setting(string name, object value, string? named = null)
    {
        if (name == "top_k")
        {
            value = new object();
        }

        var error = await Assert.ThrowsAsync<ArgumentException>(() => AskAsync(Kernels.Settings((name, value))));
        Assert.Contains(named ?? name, error.Message, StringComparison.Ordinal);

        await Assert.ThrowsAsync<ArgumentException>(async () =>
        {
            await foreach (var part in shared.Service.GetStreamingChatMessageContentsAsync(
                Kernels.About(Golden.First), Kernels.Settings((name, value)), cancellationToken: Token))
            {
                Assert.Fail(part.Content);
            }
        });
    }

    [Fact]
    public async Task A_setting_that_is_there_twice_is_refused()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => AskAsync(Kernels.Settings(("keep_ratio", 0.5), ("ZoPrune.KeepRatio", 0.25))));
        Assert.Contains("'keep_ratio' is there twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_models_id_is_refused()
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => AskAsync(new PromptExecutionSettings { ModelId = "gpt-4" }));
        Assert.Contains("gpt-4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Typed_settings_survive_json()
    {
        var json = JsonSerializer.Serialize(Full);
        Assert.Contains("\"keep_ratio\":0.1", json, StringComparison.Ordinal);
        Assert.Contains("\"estimator\":\"ZerothOrder\"", json, StringComparison.Ordinal);
        var back = JsonSerializer.Deserialize<ZoPrunePromptExecutionSettings>(json)!;
        Assert.Equal(json, JsonSerializer.Serialize(back));
        CheckPruning(Translate(back)!.GetPruning()!);

        var text = JsonSerializer.Deserialize<ZoPrunePromptExecutionSettings>("""{"keep_ratio":"0.5","max_tokens":"3","other":1}""")!;
        Assert.Equal(0.5, text.KeepRatio);
        Assert.Equal(3, text.MaxTokens);
        Assert.Equal(1, ((JsonElement)text.ExtensionData!["other"]).GetInt32());
        Assert.Equal("{}", JsonSerializer.Serialize(new ZoPrunePromptExecutionSettings { ExtensionData = null }).Replace(
            "\"service_id\":null,\"model_id\":null,\"function_choice_behavior\":null", string.Empty, StringComparison.Ordinal));
    }

    [Fact]
    public void Any_settings_convert_to_typed_ones()
    {
        Assert.Same(Full, ZoPrunePromptExecutionSettings.FromExecutionSettings(Full));
        Assert.Null(ZoPrunePromptExecutionSettings.FromExecutionSettings(null).KeepRatio);

        var behavior = FunctionChoiceBehavior.Auto();
        var loose = JsonSerializer.Deserialize<PromptExecutionSettings>(JsonSerializer.Serialize(Full))!;
        loose.FunctionChoiceBehavior = behavior;
        loose.ExtensionData!["other"] = "kept";
        loose.ExtensionData["chat_system_prompt"] = "Be brief.";
        var typed = ZoPrunePromptExecutionSettings.FromExecutionSettings(loose);

        Assert.Same(behavior, typed.FunctionChoiceBehavior);
        Assert.Equal("kept", typed.ExtensionData!["other"]);
        Assert.Equal("Be brief.", typed.ExtensionData["chat_system_prompt"]);
        Assert.Equal(2, typed.ExtensionData.Count);
        typed.FunctionChoiceBehavior = null;
        typed.ExtensionData = null;
        Assert.Equal(JsonSerializer.Serialize(Full), JsonSerializer.Serialize(typed));

        var error = Assert.Throws<ArgumentException>(
            () => ZoPrunePromptExecutionSettings.FromExecutionSettings(Kernels.Settings(("keep_ratio", "half"))));
        Assert.Contains("keep_ratio", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_is_a_response_format()
    {
        var schema = JsonDocument.Parse("""{"type":"object"}""").RootElement;
        var options = Translate(new ZoPrunePromptExecutionSettings { ResponseFormat = schema })!;
        Assert.Equal("object", Assert.IsType<ChatResponseFormatJson>(options.ResponseFormat).Schema!.Value.GetProperty("type").GetString());
        var typed = ZoPrunePromptExecutionSettings.FromExecutionSettings(Kernels.Settings(("response_format", schema)));
        Assert.Equal("object", ((JsonElement)typed.ResponseFormat!).GetProperty("type").GetString());
    }

    [Fact]
    public void A_clone_is_equal_and_free_and_the_frozen_one_is_not()
    {
        var settings = (ZoPrunePromptExecutionSettings)Full.Clone();
        settings.ExtensionData = new Dictionary<string, object> { ["a"] = 1 };
        var expected = JsonSerializer.Serialize(settings);
        settings.Freeze();
        settings.Freeze();

        Assert.True(settings.IsFrozen);
        Assert.Throws<InvalidOperationException>(() => settings.KeepRatio = 0.5);
        Assert.Throws<InvalidOperationException>(() => settings.MaxTokens = 1);
        Assert.Throws<NotSupportedException>(() => settings.StopSequences!.Add("x"));
        Assert.Throws<NotSupportedException>(() => settings.ExtensionData!.Add("b", 1));

        var clone = (ZoPrunePromptExecutionSettings)settings.Clone();
        Assert.Equal(expected, JsonSerializer.Serialize(clone));
        clone.KeepRatio = 0.5;
        clone.StopSequences!.Add("x");
        clone.ExtensionData!.Add("b", 1);
        Assert.Equal(expected, JsonSerializer.Serialize(settings));
    }

    private static ChatOptions? Translate(PromptExecutionSettings settings) =>
        ExecutionSettingsChatClient.Translate(settings.ToChatOptions(kernel: null));

    [Theory]
    [InlineData("KeepRatio")]
    [InlineData("keepratio")]
    [InlineData("keep_ratio")]
    public void The_names_of_the_typed_settings_work_in_loose_ones_too(string name) =>
        Assert.Equal(0.1, Translate(Kernels.Settings((name, 0.1)))!.GetPruning()!.KeepRatio);

    [Fact]
    public async Task A_fraction_of_a_token_is_refused()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => shared.Service.GetChatMessageContentAsync(
            "hello", Kernels.Settings(("max_tokens", 1.5)), cancellationToken: Token));
        Assert.Contains("'max_tokens' is '1.5'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_is_a_response_format()
    {
        var settings = new ZoPrunePromptExecutionSettings { ResponseFormat = typeof(Size) };
        var schema = Assert.IsType<JsonElement>(settings.ResponseFormat);
        Assert.Equal(["Width", "Height"], schema.GetProperty("properties").EnumerateObject().Select(p => p.Name), StringComparer.OrdinalIgnoreCase);
        var format = Assert.IsType<ChatResponseFormatJson>(Translate(settings)!.ResponseFormat);
        Assert.True(JsonElement.DeepEquals(schema, format.Schema!.Value));
    }

    private sealed record Size(int Width, int Height);

    private static void CheckAll(ChatOptions options)
    {
        Assert.Equal(0.7f, options.Temperature);
        Assert.Equal(0.9f, options.TopP);
        Assert.Equal(40, options.TopK);
        Assert.Equal(17, options.MaxOutputTokens);
        Assert.Equal(1234567890123, options.Seed);
        Assert.Equal(0.25f, options.FrequencyPenalty);
        Assert.Equal(-0.5f, options.PresencePenalty);
        Assert.Equal(["\n", "END"], options.StopSequences);
        Assert.Same(ChatResponseFormat.Json, options.ResponseFormat);
        CheckPruning(options.GetPruning()!);
    }

    private static void CheckPruning(PruningOverrides pruning)
    {
        Assert.Equal(0.1, pruning.KeepRatio);
        Assert.Equal(50, pruning.MaxVisualTokens);
        Assert.Equal(3, pruning.MinVisualTokens);
        Assert.Equal(SensitivityEstimation.ZerothOrder, pruning.Estimator);
        Assert.Equal(TokenSelection.DivPrune, pruning.Selector);
        Assert.Equal(CosineSpace.Raw, pruning.CosineSpace);
        Assert.Equal(-7, pruning.Seed);
        Assert.Equal(PositionPolicy.Compact, pruning.PositionPolicy);
        Assert.True(pruning.IncludeSensitivities);
    }

    private async Task<ChatMessageContent> AskAsync(PromptExecutionSettings settings) =>
        (await shared.Service.GetChatMessageContentsAsync(Kernels.About(Golden.First), settings, cancellationToken: Token))[0];
}
