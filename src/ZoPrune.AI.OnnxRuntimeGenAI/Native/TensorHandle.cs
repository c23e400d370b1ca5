namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>An <c>OgaTensor</c>: one reference to it, of which sets and generators may have more.</summary>
internal sealed class TensorHandle : GenAIHandle
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.OgaDestroyTensor(handle);
        return true;
    }
}
