using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Generation;

/// <summary>What makes two clients want the same model: its folder and how its sessions are opened.</summary>
internal sealed record ModelKey(
    string Path,
    int? Threads,
    string? ProjectorInput,
    GraphVariants? Variants,
    bool? SplitImages,
    LanguageModelBackend? LanguageModel,
    Action<SessionOptions>? ConfigureSession)
{
    public static ModelKey Of(ZoPruneOptions options) => new(
        System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(options.ModelPath!)),
        options.Threads,
        options.ProjectorInput,
        options.Variants,
        options.SplitImages,
        options.LanguageModel,
        options.ConfigureSession);

    public VisionLanguageModelOptions ToModelOptions() => new()
    {
        Threads = Threads,
        ProjectorInput = ProjectorInput,
        Variants = Variants,
        SplitImages = SplitImages,
        LanguageModel = LanguageModel,
        ConfigureSession = ConfigureSession,
    };
}
