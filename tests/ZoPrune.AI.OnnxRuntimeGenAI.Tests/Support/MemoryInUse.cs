using System.Globalization;
using System.Runtime.InteropServices;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

/// <summary>
/// The native memory of this process. Where glibc tells it, the bytes that are allocated: what earlier tests freed and the process keeps
/// neither hides a leak nor feigns one. Elsewhere on Linux the resident bytes, after what is free was given back.
/// </summary>
internal static class MemoryInUse
{
    private const string Status = "/proc/self/status";

    private static readonly GetMallInfo? MallInfo2 = Find<GetMallInfo>("mallinfo2");
    private static readonly Trim? MallocTrim = Find<Trim>("malloc_trim");

    private delegate MallInfo GetMallInfo();

    private delegate int Trim(nuint pad);

    /// <summary>Skips the test where nothing tells the memory.</summary>
    public static void SkipIfUnknown() => Assert.SkipUnless(
        MallInfo2 is not null || File.Exists(Status), $"Neither glibc's mallinfo2 nor {Status} is here, which tell the memory in use.");

    /// <summary>The bytes in use, after everything that nobody refers to was finalised.</summary>
    public static long BytesAfterCollection()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Bytes();
    }

    /// <summary>The bytes in use.</summary>
    public static long Bytes()
    {
        if (MallInfo2 is not null)
        {
            var info = MallInfo2();
            return (long)(info.Uordblks + info.Hblkhd);
        }

        _ = MallocTrim?.Invoke(0);
        var line = File.ReadLines(Status).First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    private static T? Find<T>(string function)
        where T : Delegate =>
        OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out var libc)
        && NativeLibrary.TryGetExport(libc, function, out var address)
            ? Marshal.GetDelegateForFunctionPointer<T>(address)
            : null;
}
