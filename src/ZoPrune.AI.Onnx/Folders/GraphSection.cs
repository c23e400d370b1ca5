namespace ZoPrune.AI.Onnx.Folders;

/// <summary>One graph of a GenAI folder: its file and the names that the description gives to inputs and outputs.</summary>
internal sealed class GraphSection
{
    private readonly JsonConfig _inputs;
    private readonly JsonConfig _outputs;

    public GraphSection(ModelFolder folder, JsonConfig model, string name)
    {
        var section = model.Section(name);
        Name = name;
        var file = section.String("filename");
        if (string.IsNullOrEmpty(file))
        {
            throw new ModelFolderException(folder.ConfigFile, $"model.{name}.filename is missing.");
        }

        File = folder.Resolve(file, $"model.{name}.filename");
        HiddenSize = section.Int("hidden_size");
        HeadSize = section.Int("head_size");
        KeyValueHeads = section.Int("num_key_value_heads");
        _inputs = section.Section("inputs");
        _outputs = section.Section("outputs");

        // GenAI: vision and embedding without options of their own use the decoder's.
        var options = section.Section("session_options");
        SessionOptions = options.Exists ? options : model.Section("decoder").Section("session_options");
    }

    public string Name { get; }

    public string File { get; }

    public int? HiddenSize { get; }

    public int? HeadSize { get; }

    public int? KeyValueHeads { get; }

    public JsonConfig SessionOptions { get; }

    public string Input(string nominal, string? fallback = null) => _inputs.String(nominal) ?? fallback ?? nominal;

    public string Output(string nominal, string? fallback = null) => _outputs.String(nominal) ?? fallback ?? nominal;
}
