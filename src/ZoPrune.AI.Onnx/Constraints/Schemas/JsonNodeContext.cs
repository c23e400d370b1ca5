using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>So that nothing is looked up by reflection.</summary>
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class JsonNodeContext : JsonSerializerContext;
