namespace ZoPrune.AI.SemanticKernel.Pipeline;

/// <summary>A key that nobody else has, under which a client is made; its text, the name of the options, is the service id.</summary>
internal sealed class ServiceIdKey(string? serviceId)
{
    public string? ServiceId => serviceId;

    /// <summary>The default options have the empty name.</summary>
    public override string ToString() => serviceId ?? string.Empty;
}
