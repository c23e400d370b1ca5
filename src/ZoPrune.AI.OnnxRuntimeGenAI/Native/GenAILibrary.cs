using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>Finds, checks and loads GenAI's native library, once.</summary>
/// <remarks>
/// <c>OgaShutdown</c> is not called at the end of the process. It demands that no object of the library is alive, of which nobody can be
/// sure: an application may keep a model open, or use the library through another binding too. Left out, the library clears up by itself
/// when the process ends: with 0.18.0 that went well with models closed, models and generators left open, a generator running, and sessions
/// of ONNX Runtime beside them. A thread that opens a model at that very moment can crash in ONNX Runtime; a shutdown would not prevent it.
/// </remarks>
internal static class GenAILibrary
{
    /// <summary>The environment variable that names the library: the file, or a folder that holds it under its usual name.</summary>
    public const string Variable = "ZOPRUNE_GENAI_LIBRARY";

    /// <summary>The first release that has everything in <see cref="NativeMethods.Functions"/>.</summary>
    public const string LeastVersion = "0.12.0";

    private const string Packages =
        "Reference one of its packages in the application: Microsoft.ML.OnnxRuntimeGenAI (CPU), Microsoft.ML.OnnxRuntimeGenAI.Cuda or "
        + $"Microsoft.ML.OnnxRuntimeGenAI.DirectML, version {LeastVersion} or later; or name the library in the environment variable "
        + Variable + ".";

    // A failure is not remembered: the next attempt looks again. Not so where ONNX Runtime is missing: .NET remembers that its type
    // initialiser failed. A library that turned out to be too old stays loaded, unused.
    private static readonly Lazy<nint> Loaded = new(LoadOnce, LazyThreadSafetyMode.PublicationOnly);

    private static readonly bool ResolverIsSet = SetResolver();

    /// <summary>The library's file name on this platform.</summary>
    public static string FileName { get; } =
        OperatingSystem.IsWindows() ? NativeMethods.Library + ".dll"
        : OperatingSystem.IsMacOS() ? $"lib{NativeMethods.Library}.dylib"
        : $"lib{NativeMethods.Library}.so";

    /// <summary>Loads the library unless it is loaded. To be called before the first function of the library.</summary>
    /// <exception cref="InvalidOperationException">The library, or ONNX Runtime, is missing or too old.</exception>
    public static void EnsureLoaded() => _ = ResolverIsSet ? Loaded.Value : 0;

    /// <summary>Loads a library and checks that it has everything that is needed.</summary>
    /// <param name="named">What <see cref="Variable"/> holds; <c>null</c> or empty: the library is looked for where .NET looks for those
    /// of packages.</param>
    /// <param name="name">The library's name there.</param>
    public static nint Load(string? named, string name)
    {
        string where;
        nint handle;
        try
        {
            if (string.IsNullOrEmpty(named))
            {
                where = name;
                handle = NativeLibrary.Load(name, typeof(GenAILibrary).Assembly, null);
            }
            else
            {
                where = FindNamed(named);
                handle = NativeLibrary.Load(where);
            }
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new InvalidOperationException(
                string.IsNullOrEmpty(named)
                    ? "The native library of ONNX Runtime GenAI was not found. " + Packages
                    : $"The library '{named}' that the environment variable {Variable} names cannot be loaded: {e.Message}",
                e);
        }

        CheckFunctions(function => NativeLibrary.TryGetExport(handle, function, out _), where);
        return handle;
    }

    /// <summary>Checks that a library has every function that is needed; the interface has none that tells its version.</summary>
    /// <param name="has">Whether the library exports a function.</param>
    /// <param name="where">The library.</param>
    /// <exception cref="InvalidOperationException">A function is missing.</exception>
    public static void CheckFunctions(Func<string, bool> has, string where)
    {
        if (NativeMethods.Functions.FirstOrDefault(function => !has(function)) is { } missing)
        {
            throw new InvalidOperationException(
                $"The library '{where}' is too old, or is not ONNX Runtime GenAI: it has no function {missing}. Version {LeastVersion} or "
                + "later is needed. " + Packages);
        }
    }

    private static string FindNamed(string named)
    {
        var path = Path.GetFullPath(named);
        if (File.Exists(path))
        {
            return path;
        }

        var inFolder = Path.Combine(path, FileName);
        return File.Exists(inFolder)
            ? inFolder
            : throw new InvalidOperationException(
                Directory.Exists(path)
                    ? $"The folder '{path}' that the environment variable {Variable} names holds no {FileName}."
                    : $"The environment variable {Variable} names '{path}', which does not exist.");
    }

    private static nint LoadOnce()
    {
        // GenAI opens ONNX Runtime by its file name when it is loaded itself, and asks first for the one that is loaded already: the one
        // that the application references. Old releases, 0.12.0 among them, do not ask: on Linux they look along the loader's search path
        // first and may find another copy there. Where there is none, or one that GenAI refuses as too old, it ends the process by an
        // exception that nobody catches; only the first can be told from here.
        try
        {
            _ = OrtEnv.Instance();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            throw new InvalidOperationException(
                "The native ONNX Runtime library, which ONNX Runtime GenAI needs, was not found or is too old. Reference one of its "
                + "packages in the application: Microsoft.ML.OnnxRuntime (CPU), Microsoft.ML.OnnxRuntime.Gpu (CUDA) or "
                + "Microsoft.ML.OnnxRuntime.DirectML.",
                e);
        }

        return Load(Environment.GetEnvironmentVariable(Variable), NativeMethods.Library);
    }

    private static bool SetResolver()
    {
        NativeLibrary.SetDllImportResolver(typeof(GenAILibrary).Assembly, Resolve);
        return true;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name == NativeMethods.Library && Loaded.IsValueCreated ? Loaded.Value : 0;
}
