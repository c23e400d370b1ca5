using System.Runtime.InteropServices;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

/// <summary>What glibc's <c>mallinfo2</c> returns, under its names.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct MallInfo
{
    public readonly nuint Arena;
    public readonly nuint Ordblks;
    public readonly nuint Smblks;
    public readonly nuint Hblks;

    /// <summary>Bytes that were mapped for single allocations.</summary>
    public readonly nuint Hblkhd;

    public readonly nuint Usmblks;
    public readonly nuint Fsmblks;

    /// <summary>Bytes in use within the heaps.</summary>
    public readonly nuint Uordblks;

    public readonly nuint Fordblks;
    public readonly nuint Keepcost;
}
