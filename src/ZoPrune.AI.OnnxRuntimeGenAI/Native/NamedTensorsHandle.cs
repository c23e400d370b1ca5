namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>An <c>OgaNamedTensors</c>. Generators take references to its tensors, not to the set.</summary>
internal sealed class NamedTensorsHandle : GenAIHandle
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.OgaDestroyNamedTensors(handle);
        return true;
    }
}
