using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;

namespace ZoPrune.AI.SemanticKernel.Vision;

/// <summary>Where the plugin has its vision model and its images from: given, or those of the kernel that calls.</summary>
internal sealed record VisionSource(IChatClient? Client, string? ServiceId, ImageStore? Images)
{
    /// <exception cref="KernelException">The kernel has no such client.</exception>
    public IChatClient FindClient(Kernel kernel)
    {
        if (Client is not null)
        {
            return Client;
        }

        if (ServiceId is not null)
        {
            return kernel.GetRequiredService<IChatClient>(ServiceId);
        }

        // Not just any client: the last one is often the orchestrating model, which may be blind and would ask itself.
        return kernel.GetAllServices<IChatClient>().LastOrDefault(c => c.GetService<ZoPruneChatClient>() is not null)
            ?? throw new KernelException(
                "The vision plugin finds no model in the kernel: add one with AddZoPruneChatClient, or give the plugin an IChatClient or a "
                + "service id.");
    }

    /// <exception cref="KernelException">The kernel has no image store.</exception>
    public ImageStore FindImages(Kernel kernel) =>
        Images ?? kernel.Services.GetService<ImageStore>() ?? throw new KernelException(
            "The vision plugin finds no image store: give it one, or add an ImageStore to the services of the kernel.");
}
