using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Benchmarks.EndToEnd.Clients;
using ZoPrune.AI.Benchmarks.EndToEnd.Models;
using ZoPrune.AI.Benchmarks.EndToEnd.Sessions;
using ZoPrune.AI.Benchmarks.Native;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Memory;

/// <summary>What runs in the process whose memory is measured.</summary>
internal static class MemoryProbe
{
    /// <summary>The command that runs it.</summary>
    public const string Command = "peak-memory";

    private const int Calls = 2;
    private const int OutputTokens = 8;
    private const int SomeId = 300;

    /// <summary>Runs a case on a folder of the kind llava-like.</summary>
    /// <param name="memoryCase">The case.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="picture">The file of the picture.</param>
    /// <param name="prompt">The rendered prompt for GenAI.</param>
    /// <param name="promptTokens">The length of the unpruned prompt.</param>
    /// <param name="threads">Threads inside one operation.</param>
    /// <param name="cancellation">Stops before the next call.</param>
    public static async Task RunAsync(
        MemoryCase memoryCase, string folder, string picture, string prompt, int promptTokens, int threads, CancellationToken cancellation)
    {
        switch (memoryCase)
        {
            case MemoryCase.Sessions:
                RunSessions(folder, promptTokens, threads);
                break;
            case MemoryCase.GenAIPipeline:
                RunPipeline(folder, await File.ReadAllBytesAsync(picture, cancellation), prompt, promptTokens, threads);
                break;
            default:
                await RunClientAsync(memoryCase, folder, await File.ReadAllBytesAsync(picture, cancellation), threads, cancellation);
                break;
        }
    }

    private static void RunSessions(string folder, int promptTokens, int threads)
    {
        using var sessions = new BareSessions(folder, threads);
        using var embedding = BareSessions.Open(GraphFiles.Find(folder).Embedding, threads);
        var shape = Array.ConvertAll(sessions.Vision.InputMetadata["pixel_values"].Dimensions, length => Math.Max(1, length));
        var pixels = new ImageTensor(new float[shape.Aggregate(1, (product, length) => product * length)], shape);
        using var run = sessions.Prepare(new Dictionary<string, ImageTensor> { ["pixel_values"] = pixels }, promptTokens);
        for (var i = 0; i < Calls; i++)
        {
            Embed(embedding, promptTokens);
            run.Run();
        }
    }

    private static void Embed(InferenceSession embedding, int promptTokens)
    {
        var width = embedding.InputMetadata["image_features"].Dimensions[^1];
        var ids = new long[promptTokens];
        ids.AsSpan().Fill(SomeId);
        using var options = new RunOptions();
        using var idValues = OrtValue.CreateTensorValueFromMemory(ids, [1, promptTokens]);
        using var features = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, [0, width]);
        embedding.Run(options, ["input_ids", "image_features"], [idValues, features], embedding.OutputNames).Dispose();
    }

    private static void RunPipeline(string folder, byte[] picture, string prompt, int promptTokens, int threads)
    {
        if (!GenAILibrary.IsPresent)
        {
            throw new InvalidOperationException(GenAILibrary.WhereToPut);
        }

        using var pipeline = new GenAIPipeline(folder, threads);
        for (var i = 0; i < Calls; i++)
        {
            pipeline.Answer(picture, prompt, promptTokens, OutputTokens);
        }
    }

    private static async Task RunClientAsync(
        MemoryCase memoryCase, string folder, byte[] picture, int threads, CancellationToken cancellation)
    {
        var usesGenAI = memoryCase == MemoryCase.GenAIClient && GenAILibrary.IsPresent;
        using var client = ChatCalls.Create(folder, threads, usesGenAI: usesGenAI);
        int? kept = memoryCase == MemoryCase.ClientPruned ? new ModelCase(ModelCase.Llava, "", folder).Budgets[0] : null;
        for (var i = 0; i < Calls; i++)
        {
            await ChatCalls.AskAsync(client, new ChatRequest([picture], ModelBenchmark.Question, kept, OutputTokens), cancellation);
        }
    }
}
