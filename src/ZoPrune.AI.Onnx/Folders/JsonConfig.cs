using System.Text.Json;

namespace ZoPrune.AI.Onnx.Folders;

/// <summary>
/// A tolerant view of one JSON object in a model folder: unknown keys are ignored, <c>null</c> counts as absent, a value of the
/// wrong kind is an error that names the file and the key.
/// </summary>
internal readonly struct JsonConfig
{
    private readonly JsonElement _element;
    private readonly string _file;
    private readonly string _path;

    private JsonConfig(string file, string path, JsonElement element)
    {
        _file = file;
        _path = path;
        _element = element;
    }

    /// <summary>Reads a file whose root is an object.</summary>
    /// <exception cref="ModelFolderException">It is missing, too large, or not valid JSON.</exception>
    public static JsonConfig Load(string file)
    {
        using var document = JsonSource.Parse(file, JsonSource.LargestDescription);
        return new JsonConfig(file, "", document.RootElement.Clone());
    }

    /// <summary>The same, but a file that does not exist gives an object without keys.</summary>
    public static JsonConfig LoadOptional(string file) => Path.Exists(file) ? Load(file) : new JsonConfig(file, "", default);

    /// <summary>Whether the key holds a value of a kind.</summary>
    public bool Is(string key, JsonValueKind kind) => TryGet(key, out var value) && value.ValueKind == kind;

    public JsonConfig Section(string key) =>
        TryGet(key, JsonValueKind.Object, out var value)
            ? new JsonConfig(_file, PathOf(key), value)
            : new JsonConfig(_file, PathOf(key), default);

    public bool Exists => _element.ValueKind == JsonValueKind.Object;

    /// <summary>The keys of the object, none if there is no object.</summary>
    public IEnumerable<string> Keys => Exists ? [.. _element.EnumerateObject().Select(property => property.Name)] : [];

    public string? String(string key)
    {
        if (!TryGet(key, JsonValueKind.String, out var value))
        {
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFolderException(_file, $"{PathOf(key)} is not valid text: {e.Message}", e);
        }
    }

    public int? Int(string key) =>
        TryGet(key, JsonValueKind.Number, out var value) ? ToInt(key, value) : null;

    public double? Number(string key)
    {
        if (!TryGet(key, JsonValueKind.Number, out var value))
        {
            return null;
        }

        return value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw new ModelFolderException(_file, $"{PathOf(key)} is {value.GetRawText()}, which is too large.");
    }

    public bool? Bool(string key)
    {
        if (!TryGet(key, out var value))
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(key, "a boolean", value);
    }

    /// <summary>An integer or an array of integers.</summary>
    public IReadOnlyList<int>? Ints(string key)
    {
        if (!TryGet(key, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            return value.ValueKind == JsonValueKind.Number ? [ToInt(key, value)] : throw Wrong(key, "an integer or an array of integers", value);
        }

        var result = new List<int>();
        foreach (var item in value.EnumerateArray())
        {
            result.Add(item.ValueKind == JsonValueKind.Number ? ToInt(key, item) : throw Wrong(key, "an array of integers", value));
        }

        return result;
    }

    /// <summary>The names in all objects of an array.</summary>
    public IReadOnlyList<string> NamesIn(string key) => TryGet(key, JsonValueKind.Array, out var value)
        ? [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).SelectMany(item => item.EnumerateObject()).Select(p => p.Name)]
        : [];

    private int ToInt(string key, JsonElement value)
    {
        return value.TryGetDouble(out var number) && number == Math.Floor(number) && number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw new ModelFolderException(_file, $"{PathOf(key)} is {value.GetRawText()}, not a 32-bit integer.");
    }

    private bool TryGet(string key, JsonValueKind kind, out JsonElement value)
    {
        if (!TryGet(key, out value))
        {
            return false;
        }

        return value.ValueKind == kind ? true : throw Wrong(key, "a JSON " + kind, value);
    }

    private bool TryGet(string key, out JsonElement value)
    {
        value = default;
        return _element.ValueKind == JsonValueKind.Object
            && _element.TryGetProperty(key, out value)
            && value.ValueKind != JsonValueKind.Null;
    }

    private ModelFolderException Wrong(string key, string expected, JsonElement value) =>
        new(_file, $"{PathOf(key)} should be {expected} but is a JSON {value.ValueKind}.");

    private string PathOf(string key) => _path.Length == 0 ? key : _path + "." + key;
}
