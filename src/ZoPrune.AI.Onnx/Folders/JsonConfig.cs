using System.Globalization;
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

    /// <summary>Largest description file that is read, in bytes: real ones have a few kilobytes.</summary>
    public const long MaxFileBytes = 16 * 1024 * 1024;

    public static JsonConfig Load(string file)
    {
        try
        {
            var length = new FileInfo(file).Length;
            if (length > MaxFileBytes)
            {
                throw new ModelFolderException(file, $"is {length} bytes long; at most {MaxFileBytes} are read.");
            }

            using var document = JsonDocument.Parse(
                JsonBytes.Read(file),
                new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var root = document.RootElement.Clone();
            return root.ValueKind == JsonValueKind.Object
                ? new JsonConfig(file, "", root)
                : throw new ModelFolderException(file, $"the root is a JSON {root.ValueKind}, not an object.");
        }
        catch (FileNotFoundException e)
        {
            throw new ModelFolderException(file, "the file does not exist.", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new ModelFolderException(file, "the folder does not exist.", e);
        }
        catch (JsonException e)
        {
            throw new ModelFolderException(file, "is not valid JSON: " + e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException(file, "cannot be read: " + e.Message, e);
        }
    }

    public JsonConfig Section(string key) =>
        TryGet(key, JsonValueKind.Object, out var value)
            ? new JsonConfig(_file, PathOf(key), value)
            : new JsonConfig(_file, PathOf(key), default);

    public bool Exists => _element.ValueKind == JsonValueKind.Object;

    public string? String(string key) => TryGet(key, JsonValueKind.String, out var value) ? value.GetString() : null;

    public int? Int(string key) =>
        TryGet(key, JsonValueKind.Number, out var value) ? ToInt(key, value) : null;

    public double? Number(string key) => TryGet(key, JsonValueKind.Number, out var value) ? value.GetDouble() : null;

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

    private int ToInt(string key, JsonElement value)
    {
        var number = value.GetDouble();
        return number == Math.Floor(number) && number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw new ModelFolderException(_file, $"{PathOf(key)} is {number.ToString(CultureInfo.InvariantCulture)}, not a 32-bit integer.");
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
