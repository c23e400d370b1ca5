using System.Text.Json;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>The data file of a family (<c>Families/Data/*.json</c>): all that differs between families and is no arithmetic.</summary>
/// <remarks>Properties have setters, because source-generated deserialisation would overwrite the defaults of init-only ones.</remarks>
internal sealed class FamilyData
{
    /// <summary>The layout whose folders this file is for.</summary>
    public required ModelFolderLayout Layout { get; set; }

    /// <summary>The values of <c>model.type</c> or <c>model_type</c>.</summary>
    public required IReadOnlyList<string> Types { get; set; }

    /// <summary>The token that stands in a prompt once for every visual token, where the folder does not name it.</summary>
    public required string Placeholder { get; set; }

    /// <summary>What the chat template writes for an image.</summary>
    public required string Marker { get; set; }

    /// <summary>Where given, all from the marker up to and with this text is what the template writes for an image.</summary>
    public string? MarkerEnd { get; set; }

    /// <summary>Whether the tokens of an image, where they are a square number, are a square grid.</summary>
    public bool HasGrid { get; set; } = true;

    /// <summary>The visual tokens of every image, where the reference fixes their number and folders do not say it.</summary>
    public int? TokensPerImage { get; init; }

    /// <summary>Text in front of the placeholders of an image.</summary>
    public string Before { get; set; } = "";

    /// <summary>Text behind them.</summary>
    public string After { get; set; } = "";

    /// <summary>
    /// What an image becomes in the content of a message, where the template takes contents as strings: <c>{0}</c> is its number from 1. A
    /// family without it hands images over as items of a list.
    /// </summary>
    public string? StringMarker { get; set; }

    /// <summary>Nominal names of the outputs of GenAI's operation list, in order. An empty name is an output that no graph takes.</summary>
    public IReadOnlyList<string> ImageOutputs { get; set; } = [];

    /// <summary>The position of the first token.</summary>
    public int FirstPosition { get; set; }

    /// <summary>The chat template of a folder that has none, line by line.</summary>
    public required IReadOnlyList<string> ChatTemplate { get; set; }

    /// <summary>Reads an embedded data file.</summary>
    public static FamilyData Load(string name)
    {
        var resource = $"{typeof(FamilyData).Namespace}.Data.{name}.json";
        using var stream = typeof(FamilyData).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The family data file {resource} is not embedded.");
        return JsonSerializer.Deserialize(stream, FamilyDataJson.Default.FamilyData)
            ?? throw new InvalidOperationException($"The family data file {resource} is empty.");
    }
}
