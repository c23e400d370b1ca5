using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.SemanticKernel.ChatCompletion;
using ZoPrune.AI;
using ZoPrune.AI.SemanticKernel.Pipeline;

namespace Microsoft.SemanticKernel;

/// <summary>Adds a local vision-language model to a kernel, as its chat client and as its chat completion service.</summary>
/// <remarks>
/// <para>
/// Either method registers both <see cref="IChatClient"/> and <see cref="IChatCompletionService"/> under the service id, and both are the
/// same client: one model in memory. The two names are those of the built-in connectors. To call a method again with the same service id
/// changes the options of the one client. Models are shared besides, by all clients of a service provider that have the same folder.
/// </para>
/// <para>
/// Parameters stand as in the connectors for local models: the model's folder, then options, the service id last. There is no model id to
/// give: it is the folder's name, and <c>IAIServiceSelector</c> finds the service by it.
/// </para>
/// <para>
/// Functions that execution settings offer (<see cref="FunctionChoiceBehavior"/>) are called as by the built-in connectors, filters
/// included. The execution settings that are understood are those of
/// <see cref="ZoPrune.AI.SemanticKernel.ZoPrunePromptExecutionSettings"/>.
/// </para>
/// </remarks>
public static class ZoPruneKernelBuilderExtensions
{
    /// <summary>
    /// Adds the client with the options of the configuration section <c>ZoPrune</c>, if the kernel has an <see cref="IConfiguration"/>. A
    /// model that is not configured is that of the environment variable <c>ZOPRUNE_MODEL_PATH</c>, else the bundled one if the application
    /// references <c>ZoPrune.AI.PocketVlm</c>, else an error when the client is first asked for.
    /// </summary>
    /// <param name="builder">The builder of the kernel.</param>
    /// <param name="configure">Changes the options; it has the last word over the configuration.</param>
    /// <param name="serviceId">The key of the services, and the name of their options; <see langword="null"/>: none.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IKernelBuilder AddZoPruneChatClient(
        this IKernelBuilder builder, Action<ZoPruneOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        KernelServices.Add(builder.Services, configure, serviceId);
        return builder;
    }

    /// <summary>Adds the client with the model of a folder.</summary>
    /// <param name="builder">The builder of the kernel.</param>
    /// <param name="modelPath">The model folder, as <see cref="ZoPruneOptions.ModelPath"/>; it wins over the configuration.</param>
    /// <param name="configure">Changes the options; it has the last word.</param>
    /// <param name="serviceId">The key of the services, and the name of their options; <see langword="null"/>: none.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="modelPath"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="modelPath"/> is empty.</exception>
    public static IKernelBuilder AddZoPruneChatClient(
        this IKernelBuilder builder, string modelPath, Action<ZoPruneOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        KernelServices.Add(builder.Services, modelPath, configure, serviceId);
        return builder;
    }

    /// <summary>Adds the client with the options of a configuration section.</summary>
    /// <param name="builder">The builder of the kernel.</param>
    /// <param name="configuration">The section whose keys are the options (not its parent); the section <c>ZoPrune</c> is not read.</param>
    /// <param name="serviceId">The key of the services, and the name of their options; <see langword="null"/>: none.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="configuration"/> is
    /// <see langword="null"/>.</exception>
    public static IKernelBuilder AddZoPruneChatClient(
        this IKernelBuilder builder, IConfiguration configuration, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        KernelServices.Add(builder.Services, configuration, serviceId);
        return builder;
    }

    /// <inheritdoc cref="AddZoPruneChatClient(IKernelBuilder, Action{ZoPruneOptions}, string)"/>
    public static IKernelBuilder AddZoPruneChatCompletion(
        this IKernelBuilder builder, Action<ZoPruneOptions>? configure = null, string? serviceId = null) =>
        builder.AddZoPruneChatClient(configure, serviceId);

    /// <inheritdoc cref="AddZoPruneChatClient(IKernelBuilder, string, Action{ZoPruneOptions}, string)"/>
    public static IKernelBuilder AddZoPruneChatCompletion(
        this IKernelBuilder builder, string modelPath, Action<ZoPruneOptions>? configure = null, string? serviceId = null) =>
        builder.AddZoPruneChatClient(modelPath, configure, serviceId);

    /// <inheritdoc cref="AddZoPruneChatClient(IKernelBuilder, IConfiguration, string)"/>
    public static IKernelBuilder AddZoPruneChatCompletion(
        this IKernelBuilder builder, IConfiguration configuration, string? serviceId = null) =>
        builder.AddZoPruneChatClient(configuration, serviceId);
}
