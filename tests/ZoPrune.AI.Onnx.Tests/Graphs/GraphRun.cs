using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Vision;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>Runs graphs on ONNX Runtime, inner tensors included.</summary>
internal static class GraphRun
{
    /// <summary>A projector alone. Optimisers replace products by others that are faster and less exact.</summary>
    public static ProjectorRunner Projector(Projector projector, bool optimize = true) =>
        new(projector, new GraphSession(Open(projector.Graph, ProjectorRunner.Cut(projector), optimize), projector.Graph.File));

    /// <summary>The values of some tensors, as rows of their last dimension, for given inputs.</summary>
    public static TokenMatrix[] Tap(OnnxGraph graph, IReadOnlyDictionary<string, OrtValue> inputs, params string[] tensors)
    {
        using var session = Open(graph, GraphSurgeon.Tap(graph, tensors));
        using var options = new RunOptions();
        using var results = session.Run(options, inputs, tensors);
        return [.. results.Select(ToMatrix)];
    }

    /// <summary>Numbers without meaning, the same in every run, in the element type that an input asks for.</summary>
    public static OrtValue Noise(GraphValue input, params long[] shape)
    {
        var random = new Random(17);
        var values = Enumerable.Range(0, (int)shape.Aggregate(1L, (n, d) => n * d)).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray();
        return input.ElementType == TensorElementType.Float16
            ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (Float16)v), shape)
            : OrtValue.CreateTensorValueFromMemory(values, shape);
    }

    public static OrtValue Floats(GraphValue input, float[] values, params long[] shape) => input.ElementType == TensorElementType.Float16
        ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (Float16)v), shape)
        : OrtValue.CreateTensorValueFromMemory(values, shape);

    public static InferenceSession Open(OnnxGraph graph, byte[] model, bool optimize = true)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        options.GraphOptimizationLevel = optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL;
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetDirectoryName(graph.File)!);
        return new InferenceSession(model, options);
    }

    private static TokenMatrix ToMatrix(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var values = info.ElementDataType == TensorElementType.Float16
            ? Array.ConvertAll(value.GetTensorDataAsSpan<Float16>().ToArray(), v => (float)v)
            : value.GetTensorDataAsSpan<float>().ToArray();
        var width = (int)info.Shape[^1];
        return new TokenMatrix(values, values.Length / width, width);
    }
}
