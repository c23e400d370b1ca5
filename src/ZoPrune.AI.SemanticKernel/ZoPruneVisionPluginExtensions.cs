using Microsoft.Extensions.AI;
using ZoPrune.AI.SemanticKernel.Vision;

namespace Microsoft.SemanticKernel;

/// <summary>Adds the vision plugin: functions with which an orchestrating model looks at images.</summary>
/// <remarks>
/// <para>
/// The functions are <c>list_images</c>, <c>describe_image(image_id, detail?)</c>, <c>answer_about_image(image_id, question)</c>,
/// <c>compare_images(first_id, second_id, question?)</c> and <c>read_text(image_id)</c>. Images are named by their id in an
/// <see cref="ImageStore"/> that the application fills: a model cannot name files or addresses. Results are plain text. An id that is not
/// there, or a question that cannot be asked, is answered with a text that starts with <c>Error:</c> and says how to call again.
/// </para>
/// <para>
/// What is in a picture is not trustworthy: text in it may be read out to the orchestrating model like any other result of a function.
/// </para>
/// <para>
/// Without a client or a service id the plugin uses the model that <c>AddZoPruneChatClient</c> or <c>AddZoPruneChatCompletion</c> added to
/// the kernel that calls, never any other client of it: that would often be the orchestrating model itself. Without a store it uses the
/// <see cref="ImageStore"/> among the kernel's services. Both are looked for when a function is called.
/// </para>
/// </remarks>
public static class ZoPruneVisionPluginExtensions
{
    /// <summary>Adds the plugin to the plugins of a kernel.</summary>
    /// <param name="plugins">The plugins: <see cref="Kernel.Plugins"/>.</param>
    /// <param name="images">The images; <see langword="null"/>: those of the kernel's services.</param>
    /// <param name="serviceId">The service id of the vision model; <see langword="null"/>: the kernel's model of ZoPrune.AI.</param>
    /// <param name="options">How the model is asked; <see langword="null"/>: the defaults. They are copied.</param>
    /// <returns>The plugin.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="plugins"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of range, or there is a plugin of that name.</exception>
    public static KernelPlugin AddZoPruneVision(
        this ICollection<KernelPlugin> plugins,
        ImageStore? images = null,
        string? serviceId = null,
        VisionPluginOptions? options = null) =>
        Add(plugins, new VisionSource(null, serviceId, images), options);

    /// <summary>Adds the plugin with a vision model of the application's choice to the plugins of a kernel.</summary>
    /// <param name="plugins">The plugins: <see cref="Kernel.Plugins"/>.</param>
    /// <param name="client">The vision model, of any kind; the plugin does not dispose of it.</param>
    /// <param name="images">The images; <see langword="null"/>: those of the kernel's services.</param>
    /// <param name="options">How the model is asked; <see langword="null"/>: the defaults. They are copied.</param>
    /// <returns>The plugin.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="plugins"/> or <paramref name="client"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of range, or there is a plugin of that name.</exception>
    public static KernelPlugin AddZoPruneVision(
        this ICollection<KernelPlugin> plugins,
        IChatClient client,
        ImageStore? images = null,
        VisionPluginOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return Add(plugins, new VisionSource(client, null, images), options);
    }

    /// <summary>Adds the plugin to the kernel that is being built.</summary>
    /// <param name="plugins">The plugins: <see cref="IKernelBuilder.Plugins"/>.</param>
    /// <param name="images">The images. <see langword="null"/>: the <see cref="ImageStore"/> of the kernel's services, which may be one a
    /// scope, so one a conversation.</param>
    /// <param name="serviceId">The service id of the vision model; <see langword="null"/>: the kernel's model of ZoPrune.AI.</param>
    /// <param name="options">How the model is asked; <see langword="null"/>: the defaults. They are copied.</param>
    /// <returns><paramref name="plugins"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="plugins"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
    public static IKernelBuilderPlugins AddZoPruneVision(
        this IKernelBuilderPlugins plugins,
        ImageStore? images = null,
        string? serviceId = null,
        VisionPluginOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(plugins);
        return plugins.Add(Create(new VisionSource(null, serviceId, images), options));
    }

    /// <summary>Adds the plugin with a vision model of the application's choice to the kernel that is being built.</summary>
    /// <param name="plugins">The plugins: <see cref="IKernelBuilder.Plugins"/>.</param>
    /// <param name="client">The vision model, of any kind; the plugin does not dispose of it.</param>
    /// <param name="images">The images; <see langword="null"/>: the <see cref="ImageStore"/> of the kernel's services.</param>
    /// <param name="options">How the model is asked; <see langword="null"/>: the defaults. They are copied.</param>
    /// <returns><paramref name="plugins"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="plugins"/> or <paramref name="client"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
    public static IKernelBuilderPlugins AddZoPruneVision(
        this IKernelBuilderPlugins plugins,
        IChatClient client,
        ImageStore? images = null,
        VisionPluginOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(plugins);
        ArgumentNullException.ThrowIfNull(client);
        return plugins.Add(Create(new VisionSource(client, null, images), options));
    }

    private static KernelPlugin Add(ICollection<KernelPlugin> plugins, VisionSource source, VisionPluginOptions? options)
    {
        ArgumentNullException.ThrowIfNull(plugins);
        var plugin = Create(source, options);
        plugins.Add(plugin);
        return plugin;
    }

    private static KernelPlugin Create(VisionSource source, VisionPluginOptions? options)
    {
        var given = options ?? new VisionPluginOptions();
        given.Check();
        return new VisionPlugin(source, given.Clone()).ToKernelPlugin();
    }
}
