using System.Text.Json;

namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>The <c>attrs</c> of one operation, read as strictly as ONNX Runtime GenAI reads them.</summary>
/// <remarks>
/// An integer attribute takes a JSON number without fraction and exponent, a float attribute one with; the type of an array is that of its
/// first element; flags are integers. What no one has asked for is an unknown attribute, and an error.
/// </remarks>
internal sealed class OperationAttributes
{
    private readonly OperationIdentity _identity;
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public OperationAttributes(OperationIdentity identity, JsonElement? attributes)
    {
        _identity = identity;
        if (attributes is null or { ValueKind: JsonValueKind.Null })
        {
            return;
        }

        if (attributes.Value.ValueKind != JsonValueKind.Object)
        {
            throw identity.Fault("has 'attrs' that are no JSON object.");
        }

        foreach (var attribute in attributes.Value.EnumerateObject())
        {
            _values[attribute.Name] = attribute.Value;
        }
    }

    public long Integer(string name, long fallback, long least = long.MinValue, long most = long.MaxValue)
    {
        if (!TryGet(name, out var element))
        {
            return fallback;
        }

        var value = ReadInteger(name, element);
        return value >= least && value <= most
            ? value
            : throw _identity.Fault($"has '{name}' = {value}; it must lie between {least} and {most}.");
    }

    public bool Flag(string name, bool fallback) => Integer(name, fallback ? 1 : 0) != 0;

    public double Float(string name, double fallback) => TryGet(name, out var element) ? ReadFloat(name, element) : fallback;

    public string Text(string name, string fallback)
    {
        if (!TryGet(name, out var element))
        {
            return fallback;
        }

        return element.ValueKind == JsonValueKind.String ? element.GetString()! : throw WrongType(name, element, "a string");
    }

    public double[] Floats(string name, int count, double[] fallback) =>
        TryGet(name, out var element) ? [.. Items(name, element, count).Select(item => ReadFloat(name, item))] : fallback;

    public long[] Integers(string name, int count, long[] fallback) =>
        TryGet(name, out var element) ? [.. Items(name, element, count).Select(item => ReadInteger(name, item))] : fallback;

    /// <summary>Throws when there is an attribute that was never asked for.</summary>
    public void RejectUnknown()
    {
        foreach (var name in _values.Keys)
        {
            if (!_known.Contains(name))
            {
                var known = _known.Count == 0 ? "none" : string.Join(", ", _known.Order(StringComparer.Ordinal));
                throw _identity.Fault($"has the unknown attribute '{name}'. Known attributes: {known}.");
            }
        }
    }

    private static bool IsInteger(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0;

    private bool TryGet(string name, out JsonElement element)
    {
        _known.Add(name);
        return _values.TryGetValue(name, out element);
    }

    private JsonElement.ArrayEnumerator Items(string name, JsonElement element, int count)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() != count)
        {
            throw WrongType(name, element, $"an array of {count} numbers");
        }

        return element.EnumerateArray();
    }

    private long ReadInteger(string name, JsonElement element) =>
        IsInteger(element) && element.TryGetInt64(out var value) ? value : throw WrongType(name, element, "an integer");

    private double ReadFloat(string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Number || IsInteger(element) || !element.TryGetDouble(out var value))
        {
            throw WrongType(name, element, "a number with a decimal point");
        }

        return value;
    }

    private InvalidDataException WrongType(string name, JsonElement element, string wanted) =>
        _identity.Fault($"has '{name}' = {element.GetRawText()}; it must be {wanted}.");
}
