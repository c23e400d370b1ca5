using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>Reads data files without reflection.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, UseStringEnumConverter = true)]
[JsonSerializable(typeof(FamilyData))]
internal sealed partial class FamilyDataJson : JsonSerializerContext;
