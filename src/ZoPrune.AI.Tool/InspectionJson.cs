using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZoPrune.AI.Onnx.Inspection;

namespace ZoPrune.AI.Tool;

/// <summary>An inspection as JSON: property names in camel case, enumerations by name.</summary>
internal static class InspectionJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Write(ModelInspection inspection) => JsonSerializer.Serialize(inspection, s_options);
}
