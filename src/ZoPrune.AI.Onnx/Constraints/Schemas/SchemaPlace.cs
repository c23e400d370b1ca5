using System.Text.Json;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>A schema and where it stands.</summary>
/// <param name="Schema">The schema: an object or a boolean.</param>
/// <param name="Pointer">Its JSON pointer as a URI fragment, <c>#</c> for the root.</param>
internal readonly record struct SchemaPlace(JsonElement Schema, string Pointer)
{
    public SchemaPlace At(string key) => new(Schema.GetProperty(key), Child(key));

    public SchemaPlace At(string key, int index) => new(Schema.GetProperty(key)[index], $"{Child(key)}/{index}");

    public SchemaPlace At(string key, string name) => new(Schema.GetProperty(key).GetProperty(name), Child(key, name));

    public string Child(string key) => $"{Pointer}/{Escape(key)}";

    public string Child(string key, string name) => $"{Child(key)}/{Escape(name)}";

    public NotSupportedException Refusal(string keyword, string why) =>
        new($"The JSON schema keyword '{keyword}' at {Child(keyword)} is not supported: {why}");

    public ArgumentException Malformed(string keyword, string what) =>
        new($"The JSON schema is malformed: '{keyword}' at {Child(keyword)} must be {what}.");

    private static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
