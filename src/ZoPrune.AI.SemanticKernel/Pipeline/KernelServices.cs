using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;

namespace ZoPrune.AI.SemanticKernel.Pipeline;

/// <summary>Registers one <see cref="KernelPipeline"/> a service id, and the two services that show it.</summary>
internal static class KernelServices
{
    public static IServiceCollection Add(IServiceCollection services, Action<ZoPruneOptions>? configure, string? serviceId)
    {
        ArgumentNullException.ThrowIfNull(services);
        var key = new ServiceIdKey(serviceId);
        return Add(
            services,
            key,
            configure is null ? services.AddKeyedZoPruneChatClient(key) : services.AddKeyedZoPruneChatClient(key, configure));
    }

    public static IServiceCollection Add(
        IServiceCollection services, string modelPath, Action<ZoPruneOptions>? configure, string? serviceId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelPath);
        return Add(
            services,
            options =>
            {
                options.ModelPath = modelPath;
                configure?.Invoke(options);
            },
            serviceId);
    }

    public static IServiceCollection Add(IServiceCollection services, IConfiguration configuration, string? serviceId)
    {
        ArgumentNullException.ThrowIfNull(services);
        var key = new ServiceIdKey(serviceId);
        return Add(services, key, services.AddKeyedZoPruneChatClient(key, configuration));
    }

    private static IServiceCollection Add(IServiceCollection services, ServiceIdKey key, ChatClientBuilder builder)
    {
        // Kept are the options and the builder. The service itself goes again: a kernel lists the clients of all keys.
        services.Remove(services.Single(d => d.ServiceType == typeof(IChatClient) && ReferenceEquals(d.ServiceKey, key)));

        var serviceId = key.ServiceId;
        if (services.Any(d => d.ServiceType == typeof(KernelPipeline) && Equals(d.ServiceKey, serviceId)))
        {
            return services;
        }

        // First is outermost: settings and results are read in each round of a call that offers functions.
        builder.UseKernelFunctionInvocation()
            .Use(inner => new ExecutionSettingsChatClient(inner))
            .Use(inner => new FunctionResultsChatClient(inner));
        return services
            .AddKeyedSingleton(serviceId, (provider, _) => new KernelPipeline(builder.Build(provider), provider))
            .AddKeyedSingleton(serviceId, (provider, _) => Find(provider, serviceId).Client)
            .AddKeyedSingleton(serviceId, (provider, _) => Find(provider, serviceId).Service);
    }

    private static KernelPipeline Find(IServiceProvider provider, string? serviceId) =>
        serviceId is null
            ? provider.GetRequiredService<KernelPipeline>()
            : provider.GetRequiredKeyedService<KernelPipeline>(serviceId);
}
