namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>An <c>OgaGeneratorParams</c>: one reference to it; it refers to the model's configuration.</summary>
internal sealed class GeneratorParamsHandle : ModelObjectHandle
{
    protected override void Destroy(nint value) => NativeMethods.OgaDestroyGeneratorParams(value);
}
