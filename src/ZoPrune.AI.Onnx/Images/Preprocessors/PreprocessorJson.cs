using System.Text.Json;

namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>The fields of an image processor's JSON object, with the file's name for messages. A null counts as absent.</summary>
internal sealed class PreprocessorJson
{
    private readonly string _path;
    private readonly JsonElement _fields;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public PreprocessorJson(string path, JsonElement fields)
    {
        _path = path;
        _fields = fields;
    }

    public InvalidDataException Fault(string problem) => new($"{_path} {problem}");

    public NotSupportedException Unsupported(string problem) => new($"{_path} {problem}");

    public bool Has(string name) => Find(name) is not null;

    public string? Text(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw WrongType(name, value, "a string");
    }

    public bool Flag(string name, bool fallback) => Find(name) switch
    {
        null => fallback,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw WrongType(name, value, "true or false"),
    };

    public double Number(string name, double fallback)
    {
        if (Find(name) is not { } value)
        {
            return fallback;
        }

        return value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw WrongType(name, value, "a number");
    }

    public long? Integer(string name, long least = 1, long most = long.MaxValue) =>
        Find(name) is { } value ? ReadInteger(name, value, least, most) : null;

    /// <summary>Three numbers, or one that stands for all.</summary>
    public double[] Channels(string name, double[] fallback)
    {
        if (Find(name) is not { } value)
        {
            return fallback;
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            var one = value.GetDouble();
            return [one, one, one];
        }

        var isGood = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == RgbPixels.Channels
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number);
        return isGood ? [.. value.EnumerateArray().Select(item => item.GetDouble())] : throw WrongType(name, value, "three numbers");
    }

    /// <summary>The mean as a colour, rounded down as transformers does.</summary>
    public byte[] MeanColour(double[] fallback) =>
        [.. Channels("image_mean", fallback).Select(mean => (byte)Math.Clamp((int)(mean * 255), 0, 255))];

    /// <summary>A size: an object of named integers, or a bare number.</summary>
    /// <param name="name">The field.</param>
    /// <param name="isSquare">A bare number is the side of a square; otherwise the short side.</param>
    /// <returns>Null where the field is absent.</returns>
    public SizeRule? Size(string name, bool isSquare)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                var side = (int)ReadInteger(name, value, 1, SizeRule.MaxSide);
                return isSquare ? SizeRule.Exact(side, side) : SizeRule.Shortest(side);
            case JsonValueKind.Array when value.GetArrayLength() == 2:
                return SizeRule.Exact(
                    (int)ReadInteger(name, value[1], 1, SizeRule.MaxSide), (int)ReadInteger(name, value[0], 1, SizeRule.MaxSide));
            case JsonValueKind.Object:
                var parts = value.EnumerateObject().Where(part => part.Value.ValueKind != JsonValueKind.Null).ToDictionary(
                    part => part.Name, part => (int)ReadInteger($"{name}.{part.Name}", part.Value, 1, SizeRule.MaxSide));
                return SizeRule.FromParts(parts) ?? throw Fault(
                    $"has '{name}' = {value.GetRawText()}; known are shortest_edge, longest_edge, height and width, "
                    + "max_height and max_width.");
            default:
                throw WrongType(name, value, "a size");
        }
    }

    /// <summary>A part of an object, where both exist.</summary>
    public long? Part(string name, string part)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Object } value || !value.TryGetProperty(part, out var item)
            || item.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return ReadInteger($"{name}.{part}", item, 0, long.MaxValue);
    }

    /// <summary>Pairs of integers; null where the field is absent.</summary>
    public (int First, int Second)[]? Pairs(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0
            || value.EnumerateArray().Any(pair => pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2))
        {
            throw WrongType(name, value, "a list of pairs");
        }

        return
        [
            .. value.EnumerateArray().Select(pair => (
                (int)ReadInteger(name, pair[0], 1, SizeRule.MaxSide), (int)ReadInteger(name, pair[1], 1, SizeRule.MaxSide))),
        ];
    }

    public PillowResampling Resampling(PillowResampling fallback)
    {
        if (Integer("resample", 0) is not { } number)
        {
            return fallback;
        }

        return PillowResampling.FromNumber(number)
            ?? throw Fault($"has 'resample' = {number}; Pillow's numbers go from 0 (nearest) to 5 (hamming).");
    }

    /// <summary>Factor, mean and deviation, as far as the file wants them.</summary>
    public PixelScaling Scaling(double[] mean, double[] deviation)
    {
        double? factor = Flag("do_rescale", true) ? Number("rescale_factor", 1.0 / 255) : null;
        var isNormalized = Flag("do_normalize", true);
        var (means, deviations) = (Channels("image_mean", mean), Channels("image_std", deviation));
        if (isNormalized && deviations.Any(value => value == 0))
        {
            throw Fault("has an 'image_std' of 0.");
        }

        return new PixelScaling(factor, isNormalized ? (means, deviations) : null);
    }

    /// <summary>Names of fields that are there and that nobody asked for.</summary>
    public string[] UnknownFields() => [.. _fields.EnumerateObject().Select(field => field.Name).Where(name => !_known.Contains(name))];

    /// <summary>Says that fields need not be looked at.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _known.Add(name);
        }
    }

    private JsonElement? Find(string name)
    {
        _known.Add(name);
        return _fields.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private long ReadInteger(string name, JsonElement value, long least, long most)
    {
        if (value.ValueKind != JsonValueKind.Number
            || (value.GetDouble() is var number && (number != Math.Floor(number) || Math.Abs(number) > 1e15)))
        {
            throw WrongType(name, value, "an integer");
        }

        var integer = (long)value.GetDouble();
        return integer >= least && integer <= most
            ? integer
            : throw Fault($"has '{name}' = {integer}; it must lie between {least} and {most}.");
    }

    private InvalidDataException WrongType(string name, JsonElement value, string wanted) =>
        Fault($"has '{name}' = {value.GetRawText()}; it must be {wanted}.");
}
