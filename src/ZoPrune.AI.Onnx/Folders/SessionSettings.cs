using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Onnx.Folders;

/// <summary>
/// GenAI's <c>session_options</c>, read and checked before any session is opened. <c>null</c>: ONNX Runtime's own default.
/// </summary>
/// <param name="LogSeverity">Which messages ONNX Runtime writes.</param>
/// <param name="Threads">Threads inside one operation.</param>
/// <param name="ParallelOperations">Threads for operations side by side.</param>
/// <param name="HasArena">Whether memory is kept between runs.</param>
/// <param name="HasMemoryPattern">Whether memory is planned ahead.</param>
/// <param name="Optimization">How far the graph is optimised.</param>
internal sealed record SessionSettings(
    OrtLoggingLevel LogSeverity,
    int? Threads,
    int? ParallelOperations,
    bool? HasArena,
    bool? HasMemoryPattern,
    GraphOptimizationLevel? Optimization)
{
    /// <summary>The entry that places threads on cores; it fits one number of threads.</summary>
    public const string AffinitiesKey = "session.intra_op_thread_affinities";

    /// <summary>The entry that lets threads stop spinning behind a run.</summary>
    public const string StopSpinningKey = "session.force_spinning_stop";

    // Other entries name files or change results.
    private static readonly string[] s_threadKeys =
    [
        "session.intra_op.", AffinitiesKey, "session.inter_op.", StopSpinningKey, "session.dynamic_block_base",
    ];

    /// <summary>Entries of ONNX Runtime's own about threads: how they wait, where they run, how work is cut for them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ThreadEntries { get; init; } = [];

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section; may not exist.</param>
    /// <param name="file">The file that it stands in.</param>
    /// <exception cref="ModelFolderException">A value is of the wrong kind or out of range.</exception>
    public static SessionSettings Read(JsonConfig section, string file) => new(
        Severity(section, file),
        Count(section, "intra_op_num_threads", file),
        Count(section, "inter_op_num_threads", file),
        section.Bool("enable_cpu_mem_arena"),
        section.Bool("enable_mem_pattern"),
        section.String("graph_optimization_level") switch
        {
            null => null,
            "ORT_DISABLE_ALL" => GraphOptimizationLevel.ORT_DISABLE_ALL,
            "ORT_ENABLE_BASIC" => GraphOptimizationLevel.ORT_ENABLE_BASIC,
            "ORT_ENABLE_EXTENDED" => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            "ORT_ENABLE_LAYOUT" or "ORT_ENABLE_ALL" => GraphOptimizationLevel.ORT_ENABLE_ALL,
            var level => throw new ModelFolderException(file, $"session_options.graph_optimization_level is '{level}'."),
        })
    {
        ThreadEntries =
        [
            .. section.Keys
                .Where(key => Array.Exists(s_threadKeys, name => key.StartsWith(name, StringComparison.Ordinal)))
                .Select(key => (Key: key, Value: section.String(key)))
                .Where(entry => entry.Value is not null)
                .Select(entry => KeyValuePair.Create(entry.Key, entry.Value!)),
        ],
    };

    // Errors come as exceptions, warnings are about harmless graph details: neither belongs on an application's console.
    private static OrtLoggingLevel Severity(JsonConfig section, string file) => section.Int("log_severity_level") switch
    {
        null => OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        >= 0 and <= (int)OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL and var level => (OrtLoggingLevel)level,
        var level => throw new ModelFolderException(file, $"session_options.log_severity_level is {level}; it goes from 0 to 4."),
    };

    private static int? Count(JsonConfig section, string key, string file) => section.Int(key) is { } count
        ? count >= 0 ? count : throw new ModelFolderException(file, $"session_options.{key} is {count}; it must not be negative.")
        : null;
}
