using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Sessions;

/// <summary>
/// The folder's own graphs in plain sessions of ONNX Runtime, with nothing around them: the least that a program must do that runs them as
/// they are. (The decoder gives logits of all tokens; the client cuts its head down to one.)
/// </summary>
internal sealed class BareSessions : IDisposable
{
    private readonly GraphFiles _files;

    /// <summary>Opens the vision graph and the decoder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="threads">Threads inside one operation.</param>
    public BareSessions(string folder, int threads)
    {
        _files = GraphFiles.Find(folder);
        Vision = Open(_files.Vision, threads);
        Decoder = Open(_files.Decoder, threads);
    }

    public InferenceSession Vision { get; }

    public InferenceSession Decoder { get; }

    /// <summary>Opens one graph.</summary>
    public static InferenceSession Open(string file, int threads)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };

        // As the client's: threads of the vision graph that go on spinning would take the decoder's cores.
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        return new InferenceSession(file, options);
    }

    /// <summary>Allocates everything that runs of one length need.</summary>
    /// <param name="pixels">The vision graph's inputs by name; those that the graph does not have are left out.</param>
    /// <param name="promptTokens">The length of the prompt, visual tokens included.</param>
    public BareRun Prepare(IReadOnlyDictionary<string, ImageTensor> pixels, int promptTokens) =>
        new(this, pixels, promptTokens, _files.SharesBuffers);

    public void Dispose()
    {
        Vision.Dispose();
        Decoder.Dispose();
    }
}
