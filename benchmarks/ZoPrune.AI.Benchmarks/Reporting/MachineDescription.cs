using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Benchmarks.Reporting;

/// <summary>What a table says of the machine and the versions.</summary>
internal static class MachineDescription
{
    /// <summary>Cores, architecture, runtime, ONNX Runtime; GenAI's release is that of the table, since the library cannot tell.</summary>
    public static string Create() =>
        $"{Environment.ProcessorCount} cores ({RuntimeInformation.ProcessArchitecture}), {RuntimeInformation.FrameworkDescription}, "
        + $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}";
}
