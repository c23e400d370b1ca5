namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>The parameters of a generator, by their names in the configuration's <c>search</c>. Not thread-safe.</summary>
internal sealed class GenAIGeneratorParams(GeneratorParamsHandle handle, GenAIModel model) : IDisposable
{
    public GeneratorParamsHandle Handle { get; } = handle;

    /// <summary>The model that they were made for.</summary>
    public GenAIModel Model { get; } = model;

    /// <summary>Sets a number: <c>max_length</c>, <c>temperature</c>, …</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="OnnxRuntimeGenAIException">There is no such number.</exception>
    public void Set(string name, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        GenAIResult.Check(
            NativeMethods.OgaGeneratorParamsSetSearchNumber(Handle, name, value), nameof(NativeMethods.OgaGeneratorParamsSetSearchNumber));
    }

    /// <summary>Sets a switch: <c>do_sample</c>, <c>past_present_share_buffer</c>, …</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="OnnxRuntimeGenAIException">There is no such switch.</exception>
    public void Set(string name, bool value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        GenAIResult.Check(
            NativeMethods.OgaGeneratorParamsSetSearchBool(Handle, name, value), nameof(NativeMethods.OgaGeneratorParamsSetSearchBool));
    }

    public void Dispose() => Handle.Dispose();
}
