using System.Text.Json;
using System.Text.Json.Serialization;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Diagnostics;

/// <summary>Reads reports from JSON without reflection, as Microsoft.Extensions.AI writes them.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PruningReport))]
[JsonSerializable(typeof(StageTimes))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;
