using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using ZoPrune.AI;
using ZoPrune.AI.SemanticKernel.Pipeline;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Adds a local vision-language model to the services of an application for its kernels, as <see cref="IChatClient"/> and as
/// <see cref="IChatCompletionService"/>.
/// </summary>
/// <remarks>
/// What is registered is what <see cref="ZoPruneKernelBuilderExtensions"/> says. The methods that are named <c>AddZoPruneChatClient</c>
/// here take a model path or a service id in any case; those of ZoPrune.AI, which take neither (<c>services.AddZoPruneChatClient()</c>),
/// stay what they are: an <see cref="IChatClient"/> alone, and a builder to put middleware around it. For a kernel of a service collection
/// <c>services.AddZoPruneChatCompletion()</c> is the short form.
/// </remarks>
public static class ZoPruneKernelServiceCollectionExtensions
{
    /// <summary>Adds the client with the model of a folder, for kernels.</summary>
    /// <param name="services">The services.</param>
    /// <param name="modelPath">The model folder, as <see cref="ZoPruneOptions.ModelPath"/>; it wins over the configuration.</param>
    /// <param name="configure">Changes the options; it has the last word.</param>
    /// <param name="serviceId">The key of the services, and the name of their options; <see langword="null"/>: none.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="modelPath"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="modelPath"/> is empty.</exception>
    public static IServiceCollection AddZoPruneChatClient(
        this IServiceCollection services, string modelPath, Action<ZoPruneOptions>? configure = null, string? serviceId = null) =>
        KernelServices.Add(services, modelPath, configure, serviceId);

    /// <summary>Adds the client with the options of the configuration section <c>ZoPrune</c>, changed in code, for kernels.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options; it has the last word over the configuration.</param>
    /// <param name="serviceId">The key of the services, and the name of their options; <see langword="null"/>: none.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddZoPruneChatClient(
        this IServiceCollection services, Action<ZoPruneOptions>? configure, string? serviceId) =>
        KernelServices.Add(services, configure, serviceId);

    /// <summary>Adds the client with the options of a configuration section, for kernels.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The section whose keys are the options (not its parent); the section <c>ZoPrune</c> is not read.</param>
    /// <param name="serviceId">The key of the services, and the name of their options; <see langword="null"/>: none.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configuration"/> is
    /// <see langword="null"/>.</exception>
    public static IServiceCollection AddZoPruneChatClient(
        this IServiceCollection services, IConfiguration configuration, string? serviceId) =>
        KernelServices.Add(services, configuration, serviceId);

    /// <summary>
    /// Adds the client with the options of the configuration section <c>ZoPrune</c>, for kernels. A model that is not configured is that of
    /// the environment variable <c>ZOPRUNE_MODEL_PATH</c>, else the bundled one, else an error when the client is first asked for.
    /// </summary>
    /// <inheritdoc cref="AddZoPruneChatClient(IServiceCollection, Action{ZoPruneOptions}, string)"/>
    public static IServiceCollection AddZoPruneChatCompletion(
        this IServiceCollection services, Action<ZoPruneOptions>? configure = null, string? serviceId = null) =>
        KernelServices.Add(services, configure, serviceId);

    /// <inheritdoc cref="AddZoPruneChatClient(IServiceCollection, string, Action{ZoPruneOptions}, string)"/>
    public static IServiceCollection AddZoPruneChatCompletion(
        this IServiceCollection services, string modelPath, Action<ZoPruneOptions>? configure = null, string? serviceId = null) =>
        KernelServices.Add(services, modelPath, configure, serviceId);

    /// <inheritdoc cref="AddZoPruneChatClient(IServiceCollection, IConfiguration, string)"/>
    public static IServiceCollection AddZoPruneChatCompletion(
        this IServiceCollection services, IConfiguration configuration, string? serviceId = null) =>
        KernelServices.Add(services, configuration, serviceId);
}
