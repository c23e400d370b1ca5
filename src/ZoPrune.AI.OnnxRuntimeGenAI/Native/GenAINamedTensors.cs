using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>Inputs of a model, by name. Not thread-safe.</summary>
internal sealed class GenAINamedTensors : IDisposable
{
    /// <summary>The name of the prompt's ids.</summary>
    public const string InputIds = "input_ids";

    /// <summary>Makes an empty set.</summary>
    /// <exception cref="InvalidOperationException">The native library is missing or too old.</exception>
    public GenAINamedTensors()
    {
        GenAILibrary.EnsureLoaded();
        GenAIResult.Check(NativeMethods.OgaCreateNamedTensors(out var handle), nameof(NativeMethods.OgaCreateNamedTensors));
        Handle = handle;
    }

    public NamedTensorsHandle Handle { get; }

    /// <summary>Adds a tensor, or puts it in place of the one of that name. The set refers to it: it may be disposed.</summary>
    /// <param name="name">The name.</param>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="ArgumentException">Ids that are not int32: GenAI would read their bytes as such.</exception>
    public void Set(string name, GenAITensor tensor)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(tensor);
        if (name == InputIds && tensor.ElementType != TensorElementType.Int32)
        {
            throw new ArgumentException($"{InputIds} must be of type Int32, not {tensor.ElementType}.", nameof(tensor));
        }

        GenAIResult.Check(NativeMethods.OgaNamedTensorsSet(Handle, name, tensor.Handle), nameof(NativeMethods.OgaNamedTensorsSet));
    }

    public void Dispose() => Handle.Dispose();
}
