using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Benchmarks.Reporting;

/// <summary>What a table says of the machine and the versions.</summary>
internal static class MachineDescription
{
    /// <summary>Cores, architecture, runtime, ONNX Runtime; GenAI's release is that of the table, since the library cannot tell.</summary>
    public static string Create() =>
        $"{Environment.ProcessorCount} cores ({RuntimeInformation.ProcessArchitecture}, {Instructions()}), "
        + $"{RuntimeInformation.FrameworkDescription}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}";

    // What the arithmetic of this library depends on.
    private static string Instructions() =>
        $"{(Vector512.IsHardwareAccelerated ? "with" : "without")} AVX-512, {(AvxVnni.IsSupported ? "with" : "without")} AVX-VNNI";
}
