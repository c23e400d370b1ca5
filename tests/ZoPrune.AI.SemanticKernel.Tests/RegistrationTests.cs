using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Services;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.SemanticKernel.Tests.Support;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.SemanticKernel.Tests;

public sealed class RegistrationTests
{
    private static readonly string OtherFolder = TestData.PathTo("zoo", "genai", "gemma3");

    [Theory]
    [InlineData(null)]
    [InlineData("vision")]
    public void Either_method_gives_a_chat_client_and_a_completion_service(string? serviceId)
    {
        var first = Kernel.CreateBuilder();
        first.AddZoPruneChatClient(serviceId: serviceId);
        Check(first.Build());

        var second = Kernel.CreateBuilder();
        second.AddZoPruneChatCompletion(serviceId: serviceId);
        Check(second.Build());

        void Check(Kernel kernel)
        {
            Assert.NotNull(kernel.GetRequiredService<IChatClient>().GetService<ZoPruneChatClient>());
            Assert.Equal("pocket-vlm", kernel.GetRequiredService<IChatCompletionService>().GetModelId());
            Assert.Same(kernel.GetRequiredService<IChatClient>(), kernel.GetRequiredService<IChatClient>(serviceId));
            Assert.Same(kernel.GetRequiredService<IChatCompletionService>(), kernel.GetRequiredService<IChatCompletionService>(serviceId));
            Assert.Single(kernel.GetAllServices<IChatClient>());
        }
    }

    [Fact]
    public void Both_methods_together_are_one_client()
    {
        var builder = Kernel.CreateBuilder();
        builder.AddZoPruneChatClient(o => o.KeepRatio = 0.5, "a");
        builder.AddZoPruneChatCompletion(o => o.MaxVisualTokens = 9, "a");
        var kernel = builder.Build();

        Assert.Single(kernel.GetAllServices<IChatClient>());
        Assert.Single(kernel.GetAllServices<IChatCompletionService>());
        var options = kernel.Services.GetRequiredService<IOptionsMonitor<ZoPruneOptions>>().Get("a");
        Assert.Equal((0.5, 9), (options.KeepRatio, options.MaxVisualTokens));
    }

    [Fact]
    public void Service_ids_have_options_of_their_own_and_share_the_model_of_a_folder()
    {
        var section = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Eye:ModelPath"] = PocketVlm.ModelPath, ["Eye:KeepRatio"] = "0.25" })
            .Build()
            .GetSection("Eye");
        var builder = Kernel.CreateBuilder();
        builder.AddZoPruneChatClient(PocketVlm.ModelPath, serviceId: "path");
        builder.AddZoPruneChatClient(section, "section");
        builder.AddZoPruneChatCompletion(OtherFolder, serviceId: "other");
        var kernel = builder.Build();

        Assert.Equal(0.25, kernel.Services.GetRequiredService<IOptionsMonitor<ZoPruneOptions>>().Get("section").KeepRatio);
        Assert.NotSame(kernel.GetRequiredService<IChatClient>("path"), kernel.GetRequiredService<IChatClient>("section"));
        Assert.Same(ModelOf("path"), ModelOf("section"));
        Assert.NotSame(ModelOf("path"), ModelOf("other"));

        VisionLanguageModel ModelOf(string id) => kernel.GetRequiredService<IChatClient>(id).GetService<VisionLanguageModel>()!;
    }

    [Fact]
    public void A_client_that_is_added_later_does_not_become_the_completion_service()
    {
        var builder = Kernel.CreateBuilder();
        builder.AddZoPruneChatCompletion();
        builder.Services.AddSingleton<IChatClient>(new ScriptedChatClient());
        var kernel = builder.Build();

        Assert.IsType<ScriptedChatClient>(kernel.GetRequiredService<IChatClient>());
        Assert.Equal("pocket-vlm", kernel.GetRequiredService<IChatCompletionService>().GetModelId());
    }

    [Theory]
    [InlineData("eye", null, "pocket-vlm")]
    [InlineData("other", null, "gemma3")]
    [InlineData(null, "pocket-vlm", "pocket-vlm")]
    [InlineData(null, "gemma3", "gemma3")]
    public void The_selector_finds_the_service_by_service_id_and_by_model_id(string? serviceId, string? modelId, string expected)
    {
        var builder = Kernel.CreateBuilder();
        builder.AddZoPruneChatCompletion(PocketVlm.ModelPath, serviceId: "eye");
        builder.AddZoPruneChatCompletion(OtherFolder, serviceId: "other");
        var kernel = builder.Build();
        var function = kernel.CreateFunctionFromPrompt("x", new PromptExecutionSettings { ServiceId = serviceId, ModelId = modelId });

        Assert.True(kernel.ServiceSelector.TrySelectAIService<IChatCompletionService>(kernel, function, [], out var service, out _));
        Assert.Equal(expected, service.GetModelId());
    }

    [Fact]
    public void A_service_collection_takes_the_same_and_the_methods_of_the_library_stay_beside()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection([new("ModelPath", PocketVlm.ModelPath)]).Build();
        var services = new ServiceCollection();

        // Those of ZoPrune.AI: a builder, and no completion service.
        ChatClientBuilder plain = services.AddZoPruneChatClient();
        plain = services.AddZoPruneChatClient(o => o.KeepRatio = 0.5);
        plain = services.AddZoPruneChatClient(section);
        Assert.DoesNotContain(services, d => d.ServiceType == typeof(IChatCompletionService));

        services.AddZoPruneChatClient(PocketVlm.ModelPath, serviceId: "a")
            .AddZoPruneChatClient(o => o.KeepRatio = 0.5, "b")
            .AddZoPruneChatClient(section, "c")
            .AddZoPruneChatCompletion()
            .AddZoPruneChatCompletion(o => o.KeepRatio = 0.5, "d")
            .AddZoPruneChatCompletion(section, "e")
            .AddZoPruneChatCompletion(PocketVlm.ModelPath)
            .AddKernel();
        using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        Assert.All(
            new[] { "a", "b", "c", "d", "e" },
            id => Assert.Equal("pocket-vlm", provider.GetRequiredKeyedService<IChatCompletionService>(id).GetModelId()));
        var kernel = provider.GetRequiredService<Kernel>();
        Assert.Equal("pocket-vlm", kernel.GetRequiredService<IChatCompletionService>().GetModelId());
    }

    [Fact]
    public async Task The_provider_takes_the_client_with_it()
    {
        var services = new ServiceCollection().AddZoPruneChatCompletion();
        var provider = services.BuildServiceProvider();
        var service = provider.GetRequiredService<IChatCompletionService>();
        await provider.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => service.GetChatMessageContentAsync("hello", cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Arguments_that_are_missing_are_named()
    {
        var builder = Kernel.CreateBuilder();
        Assert.Throws<ArgumentNullException>("builder", () => ((IKernelBuilder)null!).AddZoPruneChatClient());
        Assert.Throws<ArgumentNullException>("modelPath", () => builder.AddZoPruneChatClient((string)null!));
        Assert.Throws<ArgumentException>("modelPath", () => builder.AddZoPruneChatCompletion(" "));
        Assert.Throws<ArgumentNullException>("configuration", () => builder.AddZoPruneChatClient((IConfiguration)null!));
        Assert.Throws<ArgumentNullException>("services", () => ((IServiceCollection)null!).AddZoPruneChatCompletion());
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        var builder = Kernel.CreateBuilder();
        builder.AddZoPruneChatCompletion("/no/such/folder");
        var error = Assert.Throws<OptionsValidationException>(() => builder.Build().GetRequiredService<IChatCompletionService>());
        Assert.Contains("/no/such/folder", error.Message, StringComparison.Ordinal);
    }
}
