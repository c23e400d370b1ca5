using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

/// <summary>
/// The native library of ONNX Runtime GenAI, which is no part of the repository: the environment variable ZOPRUNE_GENAI_LIBRARY names it,
/// else it lies in <c>shared/onnxruntime-genai/&lt;platform&gt;</c> (<c>linux-x64</c>, …) beside one of the folders above the tests.
/// </summary>
internal static class GenAI
{
    private static string Platform =>
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")
        + "-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>Skips the test where the library is absent.</summary>
    public static void SkipIfAbsent() => Assert.SkipWhen(
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable(GenAILibrary.Variable)),
        $"The native library of ONNX Runtime GenAI is not here: set {GenAILibrary.Variable} to it, or put it into "
        + $"shared/onnxruntime-genai/{Platform} beside the repository.");

    // Before the first use of the library, whichever test that is in.
    [ModuleInitializer]
    internal static void Find()
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(GenAILibrary.Variable)))
        {
            return;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var library = Path.Combine(folder.FullName, "shared", "onnxruntime-genai", Platform, GenAILibrary.FileName);
            if (File.Exists(library))
            {
                Environment.SetEnvironmentVariable(GenAILibrary.Variable, library);
                return;
            }
        }
    }
}
