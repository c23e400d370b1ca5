using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ZoPrune.AI;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Generation;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="ZoPruneChatClient"/> as an application's <see cref="IChatClient"/>.</summary>
/// <remarks>
/// Options are validated when the host starts, and in any case when the client is made; an <see cref="OptionsValidationException"/> says
/// what is wrong and what to do. A service provider keeps its models open as long as it lives, whatever the lifetimes of its clients; all
/// clients of the process that open a folder in the same way share its sessions, those with the same bounds of
/// <see cref="CachingOptions"/> also what is kept between calls. <c>services.Configure&lt;ZoPruneOptions&gt;(…)</c> works as well; the options of a keyed client have its
/// key (<c>ToString</c>) as their name.
/// </remarks>
public static class ZoPruneServiceCollectionExtensions
{
    /// <summary>
    /// Adds the client with the options of the configuration section <c>ZoPrune</c>, if an <see cref="IConfiguration"/> is registered. A
    /// model that is not configured is that of the environment variable <c>ZOPRUNE_MODEL_PATH</c>, else the bundled one if the application
    /// references <c>ZoPrune.AI.PocketVlm</c>, else an error.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="lifetime">The lifetime of the client. The model lives as long as the service provider.</param>
    /// <returns>A builder to put middleware around the client.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static ChatClientBuilder AddZoPruneChatClient(
        this IServiceCollection services, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        AddOptions(services, Options.Options.DefaultName).BindDefaultSection();
        return services.AddChatClient(CreateClient, lifetime);
    }

    /// <summary>
    /// Adds the client with the options of <see cref="AddZoPruneChatClient(IServiceCollection, ServiceLifetime)"/>, changed in code.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options; it has the last word over the configuration section <c>ZoPrune</c>.</param>
    /// <param name="lifetime">The lifetime of the client. The model lives as long as the service provider.</param>
    /// <returns>A builder to put middleware around the client.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is
    /// <see langword="null"/>.</exception>
    public static ChatClientBuilder AddZoPruneChatClient(
        this IServiceCollection services, Action<ZoPruneOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, Options.Options.DefaultName).BindDefaultSection().Configure(configure);
        return services.AddChatClient(CreateClient, lifetime);
    }

    /// <summary>Adds the client with the options of a configuration section.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The section whose keys are the options (not its parent); the section <c>ZoPrune</c> is not read.</param>
    /// <param name="lifetime">The lifetime of the client. The model lives as long as the service provider.</param>
    /// <returns>A builder to put middleware around the client.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configuration"/> is
    /// <see langword="null"/>.</exception>
    public static ChatClientBuilder AddZoPruneChatClient(
        this IServiceCollection services, IConfiguration configuration, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        AddOptions(services, Options.Options.DefaultName).BindSection(configuration);
        return services.AddChatClient(CreateClient, lifetime);
    }

    /// <summary>Adds a keyed client with the options of <see cref="AddZoPruneChatClient(IServiceCollection, ServiceLifetime)"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="lifetime">The lifetime of the client. The model lives as long as the service provider.</param>
    /// <returns>A builder to put middleware around the client.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static ChatClientBuilder AddKeyedZoPruneChatClient(
        this IServiceCollection services, object? serviceKey, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        AddOptions(services, NameOf(serviceKey)).BindDefaultSection();
        return services.AddKeyedChatClient(serviceKey, provider => CreateClient(provider, NameOf(serviceKey)), lifetime);
    }

    /// <summary>
    /// Adds a keyed client with the options of <see cref="AddZoPruneChatClient(IServiceCollection, ServiceLifetime)"/>, changed in code.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="configure">Changes the options; it has the last word over the configuration section <c>ZoPrune</c>.</param>
    /// <param name="lifetime">The lifetime of the client. The model lives as long as the service provider.</param>
    /// <returns>A builder to put middleware around the client.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is
    /// <see langword="null"/>.</exception>
    public static ChatClientBuilder AddKeyedZoPruneChatClient(
        this IServiceCollection services,
        object? serviceKey,
        Action<ZoPruneOptions> configure,
        ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, NameOf(serviceKey)).BindDefaultSection().Configure(configure);
        return services.AddKeyedChatClient(serviceKey, provider => CreateClient(provider, NameOf(serviceKey)), lifetime);
    }

    /// <summary>Adds a keyed client with the options of a configuration section.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="configuration">The section whose keys are the options (not its parent); the section <c>ZoPrune</c> is not read.</param>
    /// <param name="lifetime">The lifetime of the client. The model lives as long as the service provider.</param>
    /// <returns>A builder to put middleware around the client.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configuration"/> is
    /// <see langword="null"/>.</exception>
    public static ChatClientBuilder AddKeyedZoPruneChatClient(
        this IServiceCollection services,
        object? serviceKey,
        IConfiguration configuration,
        ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        AddOptions(services, NameOf(serviceKey)).BindSection(configuration);
        return services.AddKeyedChatClient(serviceKey, provider => CreateClient(provider, NameOf(serviceKey)), lifetime);
    }

    private static OptionsBuilder<ZoPruneOptions> AddOptions(IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(ModelLocator.Default);
        services.TryAddSingleton(provider => new ModelPool(provider.GetService<ILoggerFactory>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ZoPruneOptions>, ZoPruneOptionsValidator>());
        return services.AddOptions<ZoPruneOptions>(name)
            .PostConfigure<ModelLocator>((options, locator) => options.ModelPath = locator.Find(options.ModelPath))
            .ValidateOnStart();
    }

    private static OptionsBuilder<ZoPruneOptions> BindDefaultSection(this OptionsBuilder<ZoPruneOptions> builder) =>
        builder.Configure<IServiceProvider>((options, provider) =>
        {
            if (provider.GetService<IConfiguration>() is { } configuration)
            {
                OptionsBinding.Bind(configuration.GetSection(ZoPruneOptions.SectionName), options, builder.Name);
            }
        });

    private static void BindSection(this OptionsBuilder<ZoPruneOptions> builder, IConfiguration configuration) =>
        builder.Configure(options => OptionsBinding.Bind(configuration, options, builder.Name));

    private static string NameOf(object? serviceKey) => serviceKey?.ToString() ?? Options.Options.DefaultName;

    private static ZoPruneChatClient CreateClient(IServiceProvider provider) => CreateClient(provider, Options.Options.DefaultName);

    private static ZoPruneChatClient CreateClient(IServiceProvider provider, string name)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<ZoPruneOptions>>().Get(name).Clone();
        return new ZoPruneChatClient(
            options,
            provider.GetRequiredService<ModelPool>().Get(options),
            ownsModel: false,
            ZoPruneChatClient.CreateLogger(provider.GetService<ILoggerFactory>()),
            provider.GetService<IMeterFactory>());
    }
}
