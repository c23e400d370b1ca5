namespace ZoPrune.AI.Onnx.Folders;

/// <summary>One graph of a folder: its file and the names that the description gives to inputs and outputs.</summary>
/// <param name="Name">What it is: <c>vision</c>, <c>embedding</c>, <c>decoder</c>.</param>
/// <param name="File">The ONNX file, as a full path.</param>
/// <param name="Inputs">Graph names by nominal name; what it does not list has its nominal name.</param>
/// <param name="Outputs">Likewise for outputs.</param>
/// <param name="Session">How its session is opened.</param>
internal sealed record GraphSection(string Name, string File, JsonConfig Inputs, JsonConfig Outputs, SessionSettings Session)
{
    /// <summary>Where the description names the file, for messages.</summary>
    public string NamedBy { get; init; } = "";

    /// <summary>The precisions that lie side by side, where a layout has such: file names, sorted.</summary>
    public IReadOnlyList<string> Variants { get; init; } = [];

    /// <summary>The width of an embedding, if the description says so.</summary>
    public int? HiddenSize { get; init; }

    /// <summary>Numbers a key/value head, if the description says so.</summary>
    public int? HeadSize { get; init; }

    /// <summary>Key/value heads, if the description says so.</summary>
    public int? KeyValueHeads { get; init; }

    public string Input(string nominal, string? fallback = null) => Inputs.String(nominal) is { Length: > 0 } name ? name : fallback ?? nominal;

    public string Output(string nominal, string? fallback = null) => Outputs.String(nominal) is { Length: > 0 } name ? name : fallback ?? nominal;
}
