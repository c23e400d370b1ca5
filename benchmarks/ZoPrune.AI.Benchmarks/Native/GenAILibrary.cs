using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Benchmarks.Native;

/// <summary>
/// GenAI's native library, which is no part of the repository: the environment variable names it, else it lies in
/// <c>shared/onnxruntime-genai/&lt;platform&gt;</c> beside one of the folders above this program.
/// </summary>
internal static unsafe class GenAILibrary
{
    /// <summary>The environment variable that the library's own package looks into.</summary>
    public const string Variable = "ZOPRUNE_GENAI_LIBRARY";

    private static readonly Lazy<bool> s_found = new(Find);

    /// <summary>Whether the library is there; the first look loads it.</summary>
    public static bool IsPresent => s_found.Value;

    /// <summary>What tables say where it is not.</summary>
    public static string WhereToPut =>
        $"not measured: the native library of ONNX Runtime GenAI is not here (set {Variable}, or put it into "
        + $"shared/onnxruntime-genai/{Platform} beside the repository)";

    private static string Platform =>
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")
        + "-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static string FileName =>
        OperatingSystem.IsWindows() ? GenAIFunctions.Library + ".dll"
        : OperatingSystem.IsMacOS() ? $"lib{GenAIFunctions.Library}.dylib"
        : $"lib{GenAIFunctions.Library}.so";

    /// <summary>Turns an error into an exception and frees it.</summary>
    /// <exception cref="InvalidOperationException">The result is an error.</exception>
    public static void Check(nint result, string function)
    {
        if (result == 0)
        {
            return;
        }

        var message = Marshal.PtrToStringUTF8((nint)GenAIFunctions.OgaResultGetError(result));
        GenAIFunctions.OgaDestroyResult(result);
        throw new InvalidOperationException($"{function}: {message}");
    }

    private static bool Find()
    {
        if (Locate() is not { } path)
        {
            return false;
        }

        Environment.SetEnvironmentVariable(Variable, path);

        // GenAI takes the ONNX Runtime that is loaded already.
        _ = OrtEnv.Instance();
        var handle = NativeLibrary.Load(path);
        NativeLibrary.SetDllImportResolver(
            typeof(GenAILibrary).Assembly, (name, _, _) => name == GenAIFunctions.Library ? handle : 0);
        return true;
    }

    private static string? Locate()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? Path.Combine(named, FileName) : named;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "onnxruntime-genai", Platform, FileName);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
