using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>
/// One sequence that grows: prompt, then token by token. Calls from several threads wait for one another; on a device that is not the CPU
/// they wait for all generators there.
/// </summary>
/// <remarks>
/// A run that fails leaves GenAI with a part of what it was given: ids without logits, or positions ahead of the KV cache. From then on
/// every call that would build on it is refused with an <see cref="InvalidOperationException"/>.
/// </remarks>
internal sealed unsafe class GenAIGenerator(GeneratorHandle handle, Lock gate) : IDisposable
{
    private readonly GeneratorHandle _handle = handle;
    private readonly Lock _gate = gate;
    private bool _hasFailed;

    /// <summary>The tokens in the sequence: prompt and what was generated.</summary>
    public int Length
    {
        get
        {
            ThrowIfDisposed();
            lock (_gate)
            {
                return checked((int)NativeMethods.OgaGenerator_TokenCount(_handle));
            }
        }
    }

    /// <summary>Hands over the inputs of a multimodal model; with <c>input_ids</c> (int32) among them the prompt is computed too.</summary>
    /// <param name="inputs">The inputs by their names in the graphs. The generator refers to the tensors; the set may be disposed.</param>
    /// <exception cref="OnnxRuntimeGenAIException">The model takes no inputs, or they do not fit.</exception>
    public void SetInputs(GenAINamedTensors inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ThrowIfDisposed();
        lock (_gate)
        {
            ThrowIfFailed();
            CheckRun(NativeMethods.OgaGenerator_SetInputs(_handle, inputs.Handle), nameof(NativeMethods.OgaGenerator_SetInputs));
        }
    }

    /// <summary>Appends ids and computes them.</summary>
    /// <param name="ids">The ids, at least one.</param>
    /// <exception cref="OnnxRuntimeGenAIException">The sequence would become longer than <c>max_length</c>, or the run failed.</exception>
    public void AppendTokens(ReadOnlySpan<int> ids)
    {
        ThrowIfDisposed();
        lock (_gate)
        {
            ThrowIfFailed();
            var before = NativeMethods.OgaGenerator_TokenCount(_handle);
            fixed (int* first = ids)
            {
                CheckChange(
                    NativeMethods.OgaGenerator_AppendTokens(_handle, first, (nuint)ids.Length),
                    nameof(NativeMethods.OgaGenerator_AppendTokens),
                    before);
            }
        }
    }

    /// <summary>Chooses the next token as the parameters say and, unless it ends the answer, appends it.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="InvalidOperationException">Nothing was appended yet.</exception>
    /// <exception cref="OnnxRuntimeGenAIException">The sequence is as long as it may become, or the run failed.</exception>
    public int GenerateNextToken()
    {
        ThrowIfDisposed();
        lock (_gate)
        {
            ThrowIfEmpty();
            CheckRun(NativeMethods.OgaGenerator_GenerateNextToken(_handle), nameof(NativeMethods.OgaGenerator_GenerateNextToken));
            CheckRun(
                NativeMethods.OgaGenerator_GetNextTokens(_handle, out var ids, out var count),
                nameof(NativeMethods.OgaGenerator_GetNextTokens));
            var id = count == 1
                ? ids[0]
                : throw new InvalidOperationException($"GenAI generated {count} tokens where one was asked for.");

            // The ids are the generator's. The gate keeps Dispose away from them, this the finaliser.
            GC.KeepAlive(this);
            return id;
        }
    }

    /// <summary>Copies the logits of the next token, computing them first if they are not there yet.</summary>
    /// <param name="destination">Takes them: one value an id of the vocabulary.</param>
    /// <exception cref="InvalidOperationException">Nothing was appended yet.</exception>
    /// <exception cref="ArgumentException">The destination is not as long as the vocabulary.</exception>
    /// <exception cref="OnnxRuntimeGenAIException">The run failed.</exception>
    public void CopyLogits(Span<float> destination)
    {
        ThrowIfDisposed();
        lock (_gate)
        {
            ThrowIfEmpty();
            CheckRun(NativeMethods.OgaGenerator_GetLogits(_handle, out var made), nameof(NativeMethods.OgaGenerator_GetLogits));
            using var logits = new GenAITensor(made);
            logits.CopyTo(destination);
        }
    }

    /// <summary>Computes the logits of the next token, if they are not there yet.</summary>
    /// <exception cref="InvalidOperationException">Nothing was appended yet.</exception>
    /// <exception cref="OnnxRuntimeGenAIException">The run failed.</exception>
    public void ComputeLogits()
    {
        ThrowIfDisposed();
        lock (_gate)
        {
            ThrowIfEmpty();
            CheckRun(NativeMethods.OgaGenerator_GetLogits(_handle, out var made), nameof(NativeMethods.OgaGenerator_GetLogits));
            made.Dispose();
        }
    }

    /// <summary>Puts other logits in place of those that the next token is chosen by.</summary>
    /// <param name="logits">One value an id of the vocabulary; copied.</param>
    /// <exception cref="InvalidOperationException">Nothing was appended yet.</exception>
    /// <exception cref="OnnxRuntimeGenAIException">There are more or fewer values than ids, or no logits were computed yet.</exception>
    public void SetLogits(ReadOnlySpan<float> logits)
    {
        ThrowIfDisposed();
        lock (_gate)
        {
            ThrowIfEmpty();
            fixed (float* first = logits)
            {
                // The tensor borrows the span's memory, and GenAI copies from it before it returns.
                var shape = stackalloc long[3] { 1, 1, logits.Length };
                GenAIResult.Check(
                    NativeMethods.OgaCreateTensorFromBuffer(first, shape, 3, (int)TensorElementType.Float, out var tensor),
                    nameof(NativeMethods.OgaCreateTensorFromBuffer));
                using (tensor)
                {
                    GenAIResult.Check(NativeMethods.OgaGenerator_SetLogits(_handle, tensor), nameof(NativeMethods.OgaGenerator_SetLogits));
                }
            }
        }
    }

    /// <summary>Forgets the tokens behind a length.</summary>
    /// <param name="length">The length, 0 to <see cref="Length"/>.</param>
    /// <exception cref="OnnxRuntimeGenAIException">The sequence is shorter, or models of this type cannot go back.</exception>
    public void RewindTo(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ThrowIfDisposed();
        lock (_gate)
        {
            ThrowIfFailed();
            var before = NativeMethods.OgaGenerator_TokenCount(_handle);
            CheckChange(NativeMethods.OgaGenerator_RewindTo(_handle, (nuint)length), nameof(NativeMethods.OgaGenerator_RewindTo), before);
        }
    }

    /// <summary>Destroys the generator, after the call that is under way.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _handle.Dispose();
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_handle.IsClosed, this);

    private void ThrowIfFailed()
    {
        if (_hasFailed)
        {
            throw new InvalidOperationException("The generator failed before and holds only a part of what it was given; make another.");
        }
    }

    // Not every state without a sequence is an error in the library: it may read buffers that are not there yet.
    private void ThrowIfEmpty()
    {
        ThrowIfFailed();
        if (NativeMethods.OgaGenerator_TokenCount(_handle) == 0)
        {
            throw new InvalidOperationException("The generator has no tokens yet.");
        }
    }

    private void CheckRun(nint result, string function)
    {
        _hasFailed |= result != 0;
        GenAIResult.Check(result, function);
    }

    // What is refused before anything was done leaves the sequence as long as it was, and the generator usable.
    private void CheckChange(nint result, string function, nuint before)
    {
        _hasFailed |= result != 0 && NativeMethods.OgaGenerator_TokenCount(_handle) != before;
        GenAIResult.Check(result, function);
    }
}
