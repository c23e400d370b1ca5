namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>An <c>OgaGenerator</c>: the KV cache of one sequence.</summary>
internal sealed class GeneratorHandle : ModelObjectHandle
{
    protected override void Destroy(nint value) => NativeMethods.OgaDestroyGenerator(value);
}
