using System.Runtime.InteropServices;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>An object of GenAI's library.</summary>
internal abstract class GenAIHandle() : SafeHandle(0, ownsHandle: true)
{
    public sealed override bool IsInvalid => handle == 0;
}
