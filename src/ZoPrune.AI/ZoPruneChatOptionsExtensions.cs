using Microsoft.Extensions.AI;
using ZoPrune.AI.Configuration;

namespace ZoPrune.AI;

/// <summary>Pruning of a single call, set on its <see cref="ChatOptions"/>.</summary>
public static class ZoPruneChatOptionsExtensions
{
    /// <summary>Sets how this call prunes: <c>options.WithPruning(p => p.KeepRatio = 0.25)</c>.</summary>
    /// <param name="options">The options of the call. They are changed (their <see cref="ChatOptions.AdditionalProperties"/>), as by a builder.</param>
    /// <param name="configure">Sets what shall differ. It sees what was set before; a property set to <see langword="null"/> is left to the client.</param>
    /// <returns><paramref name="options"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A value that was set before has the wrong type or is out of range.</exception>
    public static TOptions WithPruning<TOptions>(this TOptions options, Action<PruningOverrides> configure)
        where TOptions : ChatOptions
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configure);

        var overrides = PruningProperties.Read(options.AdditionalProperties) ?? new PruningOverrides();
        configure(overrides);
        options.AdditionalProperties = PruningProperties.Write(overrides, options.AdditionalProperties);
        return options;
    }

    /// <summary>What these options change about pruning, or <see langword="null"/> if nothing.</summary>
    /// <param name="options">The options of a call.</param>
    /// <returns>A copy: changing it changes nothing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A value has the wrong type, or a key that starts with <c>ZoPrune.</c> is unknown.</exception>
    public static PruningOverrides? GetPruning(this ChatOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return PruningProperties.Read(options.AdditionalProperties);
    }
}
