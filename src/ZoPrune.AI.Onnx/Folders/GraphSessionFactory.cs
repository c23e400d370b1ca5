using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Onnx.Folders;

/// <summary>Opens sessions as the folder and the user's options say.</summary>
internal sealed class GraphSessionFactory(VisionLanguageModelOptions options)
{
    /// <summary>Where ONNX Runtime looks for external data of a model that is given as bytes.</summary>
    private const string ExternalDataFolderKey = "session.model_external_initializers_file_folder_path";

    public GraphSession Open(GraphSection section) =>
        Create(section.File, section.SessionOptions, sessionOptions => new InferenceSession(section.File, sessionOptions));

    /// <summary>Opens a model made from a graph of the folder; its external data lies beside that graph.</summary>
    public GraphSession Open(GraphSection section, byte[] model) =>
        Create(section.File, section.SessionOptions, sessionOptions =>
        {
            sessionOptions.AddSessionConfigEntry(ExternalDataFolderKey, Path.GetDirectoryName(section.File)!);
            return new InferenceSession(model, sessionOptions);
        });

    private GraphSession Create(string file, JsonConfig config, Func<SessionOptions, InferenceSession> create)
    {
        try
        {
            using var sessionOptions = new SessionOptions();
            Apply(config, sessionOptions, file);
            return new GraphSession(create(sessionOptions), file);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFolderException(file, "ONNX Runtime cannot load the graph: " + e.Message, e);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            throw new InvalidOperationException(
                "The native ONNX Runtime library was not found or is too old. Reference one of its packages in the application: "
                + "Microsoft.ML.OnnxRuntime (CPU), Microsoft.ML.OnnxRuntime.Gpu (CUDA) or Microsoft.ML.OnnxRuntime.DirectML.",
                e);
        }
    }

    private void Apply(JsonConfig config, SessionOptions session, string file)
    {
        // Errors come as exceptions, warnings are about harmless graph details: neither belongs on an application's console.
        session.LogSeverityLevel = (OrtLoggingLevel)(config.Int("log_severity_level") ?? (int)OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        if ((options.Threads ?? config.Int("intra_op_num_threads")) is { } threads)
        {
            if (threads < 0)
            {
                throw new ModelFolderException(file, $"the number of threads (session_options.intra_op_num_threads, or the option Threads) is {threads}.");
            }

            session.IntraOpNumThreads = threads;
        }

        if (config.Int("inter_op_num_threads") is { } interOp)
        {
            session.InterOpNumThreads = interOp;
        }

        if (config.Bool("enable_cpu_mem_arena") is { } arena)
        {
            session.EnableCpuMemArena = arena;
        }

        if (config.Bool("enable_mem_pattern") is { } pattern)
        {
            session.EnableMemoryPattern = pattern;
        }

        if (config.String("graph_optimization_level") is { } level)
        {
            session.GraphOptimizationLevel = level switch
            {
                "ORT_DISABLE_ALL" => GraphOptimizationLevel.ORT_DISABLE_ALL,
                "ORT_ENABLE_BASIC" => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                "ORT_ENABLE_EXTENDED" => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                "ORT_ENABLE_LAYOUT" or "ORT_ENABLE_ALL" => GraphOptimizationLevel.ORT_ENABLE_ALL,
                _ => throw new ModelFolderException(file, $"session_options.graph_optimization_level is '{level}'."),
            };
        }

        options.ConfigureSession?.Invoke(session);
    }
}
