using ZoPrune.AI.Benchmarks.EndToEnd;
using ZoPrune.AI.Benchmarks.EndToEnd.Models;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Benchmarks.Kernels;

/// <summary>The synthetic models that kernels belong to, in the folder that end-to-end runs write into by default.</summary>
internal static class KernelModel
{
    /// <summary>Opens a model of the kind llava-like.</summary>
    public static VisionLanguageModel Open(string size) =>
        VisionLanguageModel.Load(new ModelCache(new EndToEndOptions().ModelFolder).Get(ModelCase.Llava, size).Folder);
}
