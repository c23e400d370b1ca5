using System.Diagnostics;
using static ZoPrune.AI.Benchmarks.Native.GenAIFunctions;

namespace ZoPrune.AI.Benchmarks.Native;

/// <summary>
/// ONNX Runtime GenAI from the picture to the tokens, as its own examples do it: its processor, its three sessions, its search.
/// </summary>
internal sealed unsafe class GenAIPipeline : IDisposable
{
    private readonly nint _config;
    private readonly nint _model;
    private readonly nint _processor;

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="threads">Threads inside one operation.</param>
    /// <exception cref="InvalidOperationException">GenAI refuses it.</exception>
    public GenAIPipeline(string folder, int threads)
    {
        GenAILibrary.Check(OgaCreateConfig(folder, out _config), nameof(OgaCreateConfig));

        // The sessions of the other graphs take the decoder's options.
        var overlay = "{\"model\":{\"decoder\":{\"session_options\":{\"intra_op_num_threads\":" + threads + "}}}}";
        GenAILibrary.Check(OgaConfigOverlay(_config, overlay), nameof(OgaConfigOverlay));
        GenAILibrary.Check(OgaCreateModelFromConfig(_config, out _model), nameof(OgaCreateModelFromConfig));
        GenAILibrary.Check(OgaCreateMultiModalProcessor(_model, out _processor), nameof(OgaCreateMultiModalProcessor));
    }

    /// <summary>Answers once.</summary>
    /// <param name="picture">The encoded picture.</param>
    /// <param name="prompt">The rendered prompt.</param>
    /// <param name="promptTokens">How many tokens it has with all visual tokens; sizes the KV cache.</param>
    /// <param name="outputTokens">How many tokens are generated.</param>
    /// <returns>Milliseconds to the first token, and tokens a second behind it.</returns>
    /// <exception cref="InvalidOperationException">GenAI failed, or counts another number of tokens.</exception>
    public (double FirstToken, double TokensPerSecond) Answer(byte[] picture, string prompt, int promptTokens, int outputTokens)
    {
        nint images = 0, tensors = 0, parameters = 0, generator = 0;
        try
        {
            var start = Stopwatch.GetTimestamp();
            fixed (byte* data = picture)
            {
                var pointer = data;
                var size = (nuint)picture.Length;
                GenAILibrary.Check(OgaLoadImagesFromBuffers(&pointer, &size, 1, out images), nameof(OgaLoadImagesFromBuffers));
                GenAILibrary.Check(
                    OgaProcessorProcessImages(_processor, prompt, images, out tensors), nameof(OgaProcessorProcessImages));
            }

            GenAILibrary.Check(OgaCreateGeneratorParams(_model, out parameters), nameof(OgaCreateGeneratorParams));
            GenAILibrary.Check(
                OgaGeneratorParamsSetSearchNumber(parameters, "max_length", promptTokens + outputTokens),
                nameof(OgaGeneratorParamsSetSearchNumber));
            GenAILibrary.Check(OgaCreateGenerator(_model, parameters, out generator), nameof(OgaCreateGenerator));
            GenAILibrary.Check(OgaGenerator_SetInputs(generator, tensors), nameof(OgaGenerator_SetInputs));
            var counted = (int)OgaGenerator_TokenCount(generator);
            if (counted != promptTokens)
            {
                throw new InvalidOperationException($"GenAI makes {counted} tokens of the prompt, the chat client {promptTokens}.");
            }

            Next(generator);
            var first = Stopwatch.GetTimestamp();
            for (var i = 1; i < outputTokens; i++)
            {
                Next(generator);
            }

            var seconds = Stopwatch.GetElapsedTime(first).TotalSeconds;
            return (Stopwatch.GetElapsedTime(start, first).TotalMilliseconds, (outputTokens - 1) / seconds);
        }
        finally
        {
            // Destroying null crashes for some kinds.
            Destroy(generator, OgaDestroyGenerator);
            Destroy(parameters, OgaDestroyGeneratorParams);
            Destroy(tensors, OgaDestroyNamedTensors);
            Destroy(images, OgaDestroyImages);
        }
    }

    public void Dispose()
    {
        Destroy(_processor, OgaDestroyMultiModalProcessor);
        Destroy(_model, OgaDestroyModel);
        Destroy(_config, OgaDestroyConfig);
    }

    private static void Next(nint generator)
    {
        GenAILibrary.Check(OgaGenerator_GenerateNextToken(generator), nameof(OgaGenerator_GenerateNextToken));
        GenAILibrary.Check(OgaGenerator_GetNextTokens(generator, out _, out _), nameof(OgaGenerator_GetNextTokens));
    }

    private static void Destroy(nint value, Action<nint> destroy)
    {
        if (value != 0)
        {
            destroy(value);
        }
    }
}
