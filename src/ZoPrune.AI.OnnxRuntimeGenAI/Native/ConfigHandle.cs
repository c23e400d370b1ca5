namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>An <c>OgaConfig</c>. Models copy it, so that it may go before them.</summary>
internal sealed class ConfigHandle : GenAIHandle
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.OgaDestroyConfig(handle);
        return true;
    }
}
