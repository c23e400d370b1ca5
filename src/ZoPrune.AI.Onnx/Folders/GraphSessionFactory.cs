using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Onnx.Folders;

/// <summary>Opens sessions as the folder and the user's options say.</summary>
internal sealed class GraphSessionFactory(VisionLanguageModelOptions options)
{
    /// <summary>Where ONNX Runtime looks for external data of a model that is given as bytes.</summary>
    private const string ExternalDataFolderKey = "session.model_external_initializers_file_folder_path";

    /// <summary>Opens a graph of the folder.</summary>
    public GraphSession Open(GraphSection section, ThreadUse threads) =>
        Create(section, threads, sessionOptions => new InferenceSession(section.File, sessionOptions));

    /// <summary>Opens a model made from a graph of the folder; its external data lies beside that graph.</summary>
    public GraphSession Open(GraphSection section, ThreadUse threads, byte[] model) =>
        Create(section, threads, sessionOptions =>
        {
            sessionOptions.AddSessionConfigEntry(ExternalDataFolderKey, Path.GetDirectoryName(section.File)!);
            return new InferenceSession(model, sessionOptions);
        });

    private GraphSession Create(GraphSection section, ThreadUse threads, Func<SessionOptions, InferenceSession> create)
    {
        var file = section.File;
        try
        {
            using var sessionOptions = new SessionOptions();
            Apply(section.Session, threads, sessionOptions, file);
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

    private void Apply(SessionSettings settings, ThreadUse use, SessionOptions session, string file)
    {
        session.LogSeverityLevel = settings.LogSeverity;
        if ((options.Threads ?? settings.Threads) is { } threads)
        {
            if (threads < 0)
            {
                throw new ModelFolderException(file, $"the option Threads is {threads}; it must not be negative.");
            }

            session.IntraOpNumThreads = threads;
        }

        if (use == ThreadUse.Lookup)
        {
            session.IntraOpNumThreads = 1;
        }

        if (use == ThreadUse.Apart && settings.ThreadEntries.All(entry => entry.Key != SessionSettings.StopSpinningKey))
        {
            session.AddSessionConfigEntry(SessionSettings.StopSpinningKey, "1");
        }

        foreach (var (key, value) in settings.ThreadEntries)
        {
            // The folder's places are for as many threads as the folder says.
            if (key != SessionSettings.AffinitiesKey || options.Threads is null)
            {
                session.AddSessionConfigEntry(key, value);
            }
        }

        if (settings.ParallelOperations is { } parallel)
        {
            session.InterOpNumThreads = parallel;
        }

        if (settings.HasArena is { } arena)
        {
            session.EnableCpuMemArena = arena;
        }

        if (settings.HasMemoryPattern is { } pattern)
        {
            session.EnableMemoryPattern = pattern;
        }

        if (settings.Optimization is { } level)
        {
            session.GraphOptimizationLevel = level;
        }

        try
        {
            options.ConfigureSession?.Invoke(session);
        }
        catch (EntryPointNotFoundException e)
        {
            throw new NotSupportedException(
                $"The option ConfigureSession asks for what the native ONNX Runtime library of this application does not contain ({e.Message}). Reference the package that has it: "
                + "Microsoft.ML.OnnxRuntime.Gpu for CUDA, Microsoft.ML.OnnxRuntime.DirectML for DirectML.",
                e);
        }
    }
}
