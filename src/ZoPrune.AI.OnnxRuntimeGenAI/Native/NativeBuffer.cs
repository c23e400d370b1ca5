using System.Runtime.InteropServices;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>Bytes at an address that does not change, freed when nothing refers to them any more.</summary>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    public NativeBuffer(ReadOnlySpan<byte> bytes)
        : base(0, ownsHandle: true)
    {
        Length = (nuint)bytes.Length;
        SetHandle((nint)NativeMemory.Alloc(Math.Max(Length, 1)));
        bytes.CopyTo(new Span<byte>((void*)handle, bytes.Length));
    }

    public nuint Length { get; }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
