using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Evaluation;

internal static class Environments
{
    public static string Describe() =>
        $"{Environment.ProcessorCount} cores ({RuntimeInformation.ProcessArchitecture}), {RuntimeInformation.FrameworkDescription}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}.";
}
