using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class RegistrationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_arguments_are_needed_where_the_bundled_model_is_referenced()
    {
        await using var provider = Build(s => s.AddZoPruneChatClient());
        var client = provider.GetRequiredService<IChatClient>();
        Assert.Equal("pocket-vlm", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Equal(Golden.First.Text, (await client.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token)).Text);
    }

    [Fact]
    public void Configuration_comes_before_environment_and_environment_before_the_bundled_model()
    {
        string ModelOf(string? configured, string? environment)
        {
            using var provider = Build(s =>
            {
                s.AddSingleton(new ModelLocator(_ => environment, AppContext.BaseDirectory));
                s.AddSingleton<IConfiguration>(new ConfigurationBuilder()
                    .AddInMemoryCollection(new Dictionary<string, string?> { ["ZoPrune:ModelPath"] = configured }).Build());
                s.AddZoPruneChatClient();
            });
            return provider.GetRequiredService<IChatClient>().GetService<ChatClientMetadata>()!.DefaultModelId!;
        }

        var other = TestDataFolder("gemma3-rank3");
        Assert.Equal("gemma3", ModelOf(Clients.Gemma3Folder, other));
        Assert.Equal("gemma3-rank3", ModelOf(null, other));
        Assert.Equal("pocket-vlm", ModelOf(null, null));
    }

    [Fact]
    public async Task Options_are_validated_when_the_host_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddZoPruneChatClient(o => o.KeepRatio = 3);
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains("KeepRatio is 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keyed_client_that_is_misconfigured_is_named_when_the_host_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddZoPruneChatClient();
        builder.Services.AddKeyedZoPruneChatClient("vision", o => o.ModelPath = "/nowhere");
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains("Client 'vision': ModelPath: the folder '/nowhere' does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_key_of_a_keyed_client_is_named_when_the_host_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Models:Door:KeepRation"] = "0.5" });
        builder.Services.AddKeyedZoPruneChatClient("door", builder.Configuration.GetSection("Models:Door"));
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Equal("door", error.OptionsName);
        Assert.Contains("'Models:Door' has the unknown key 'KeepRation'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_has_the_last_word_over_configuration()
    {
        using var provider = Build(s =>
        {
            s.AddSingleton<IConfiguration>(new ConfigurationBuilder()
                .AddInMemoryCollection(new Dictionary<string, string?> { ["ZoPrune:KeepRatio"] = "0.5", ["ZoPrune:Seed"] = "3" }).Build());
            s.AddZoPruneChatClient(o => o.KeepRatio = 0.75);
        });
        var options = provider.GetRequiredService<IOptions<ZoPruneOptions>>().Value;
        Assert.Equal((0.75, 3), (options.KeepRatio, options.Seed));
    }

    [Fact]
    public void A_section_that_is_passed_is_the_one_that_is_read()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["ZoPrune:Seed"] = "3", ["Other:KeepRatio"] = "0.5" }).Build();
        using var provider = Build(s =>
        {
            s.AddSingleton<IConfiguration>(configuration);
            s.AddZoPruneChatClient(configuration.GetSection("Other"));
        });
        var options = provider.GetRequiredService<IOptions<ZoPruneOptions>>().Value;
        Assert.Equal((0.5, 0), (options.KeepRatio, options.Seed));
    }

    [Fact]
    public async Task Keyed_clients_have_options_of_their_own_and_share_the_model()
    {
        await using var provider = Build(s =>
        {
            s.AddKeyedZoPruneChatClient("all", o => o.KeepRatio = 1);
            s.AddKeyedZoPruneChatClient("few", o => o.KeepRatio = 0.125);
            s.AddKeyedZoPruneChatClient("other", o => o.Threads = 1);
        });
        var all = provider.GetRequiredKeyedService<IChatClient>("all");
        var few = provider.GetRequiredKeyedService<IChatClient>("few");
        Assert.NotSame(all, few);
        Assert.Equal(256, await KeptAsync(all));
        Assert.Equal(32, await KeptAsync(few));
        Assert.Same(all.GetService<VisionLanguageModel>(), few.GetService<VisionLanguageModel>());
        Assert.NotSame(
            all.GetService<VisionLanguageModel>(),
            provider.GetRequiredKeyedService<IChatClient>("other").GetService<VisionLanguageModel>());
        Assert.Null(provider.GetService<IChatClient>());
    }

    [Fact]
    public void Keyed_clients_take_a_configuration_section()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Models:Door:KeepRatio"] = "0.5" }).Build();
        using var provider = Build(s =>
        {
            s.AddKeyedZoPruneChatClient("door", configuration.GetSection("Models:Door"));
            s.AddKeyedZoPruneChatClient("default");
        });
        var options = provider.GetRequiredService<IOptionsMonitor<ZoPruneOptions>>();
        Assert.Equal(0.5, options.Get("door").KeepRatio);
        Assert.Equal(1.0 / 3, options.Get("default").KeepRatio);
        Assert.NotNull(provider.GetRequiredKeyedService<IChatClient>("door"));
    }

    [Theory]
    [InlineData(ServiceLifetime.Singleton)]
    [InlineData(ServiceLifetime.Scoped)]
    [InlineData(ServiceLifetime.Transient)]
    public void Lifetimes_are_those_of_the_registration_and_the_model_is_shared(ServiceLifetime lifetime)
    {
        using var provider = Build(s => s.AddZoPruneChatClient(lifetime));
        using var first = provider.CreateScope();
        using var second = provider.CreateScope();
        var a = first.ServiceProvider.GetRequiredService<IChatClient>();
        Assert.Equal(lifetime != ServiceLifetime.Transient, ReferenceEquals(a, first.ServiceProvider.GetRequiredService<IChatClient>()));
        var b = second.ServiceProvider.GetRequiredService<IChatClient>();
        Assert.Equal(lifetime == ServiceLifetime.Singleton, ReferenceEquals(a, b));
        Assert.Same(a.GetService<VisionLanguageModel>(), b.GetService<VisionLanguageModel>());
    }

    [Fact]
    public async Task A_scope_takes_its_client_with_it_but_not_the_model()
    {
        await using var provider = Build(s => s.AddZoPruneChatClient(ServiceLifetime.Scoped));
        IChatClient gone;
        await using (var scope = provider.CreateAsyncScope())
        {
            gone = scope.ServiceProvider.GetRequiredService<IChatClient>();
            Assert.Equal(85, await KeptAsync(gone));
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => gone.GetResponseAsync("hello", cancellationToken: Token));
        await using var next = provider.CreateAsyncScope();
        Assert.Equal(85, await KeptAsync(next.ServiceProvider.GetRequiredService<IChatClient>()));
    }

    [Fact]
    public async Task The_provider_takes_client_and_model_with_it()
    {
        var provider = Build(s => s.AddZoPruneChatClient());
        var client = provider.GetRequiredService<IChatClient>();
        await KeptAsync(client);
        await provider.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("hello", cancellationToken: Token));
    }

    [Fact]
    public async Task Middleware_goes_around_the_client()
    {
        await using var provider = Build(s => s.AddZoPruneChatClient().ConfigureOptions(o => o.WithPruning(p => p.MaxVisualTokens = 7)));
        var client = provider.GetRequiredService<IChatClient>();
        Assert.NotNull(client.GetService<ZoPruneChatClient>());
        Assert.Equal(7, await KeptAsync(client));
    }

    [Fact]
    public void Null_arguments_are_named()
    {
        Assert.Throws<ArgumentNullException>("services", () => ((IServiceCollection)null!).AddZoPruneChatClient());
        Assert.Throws<ArgumentNullException>(
            "configure", () => new ServiceCollection().AddZoPruneChatClient((Action<ZoPruneOptions>)null!));
        Assert.Throws<ArgumentNullException>("configuration", () => new ServiceCollection().AddZoPruneChatClient((IConfiguration)null!));
        Assert.Throws<ArgumentNullException>(
            "configure", () => new ServiceCollection().AddKeyedZoPruneChatClient("k", (Action<ZoPruneOptions>)null!));
    }

    private static string TestDataFolder(string name) => Testing.TestData.PathTo("zoo", "genai", name);

    private static ServiceProvider Build(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        configure(services);
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    private static async Task<long> KeptAsync(IChatClient client)
    {
        var response = await client.GetResponseAsync([Golden.First.ToMessage()], new ChatOptions { MaxOutputTokens = 1 }, Token);
        return response.Usage!.AdditionalCounts![ZoPruneUsage.VisualTokensKept];
    }
}
