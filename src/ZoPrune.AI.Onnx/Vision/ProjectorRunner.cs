using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>The projector alone, cut out of the vision graph: the function that finite differences are taken of.</summary>
internal sealed class ProjectorRunner : IDisposable
{
    private readonly Projector _projector;
    private readonly GraphSession _session;

    public ProjectorRunner(ModelFolder folder, GraphSessionFactory sessions, Projector projector)
    {
        _projector = projector;
        _session = sessions.Open(
            folder.Vision, GraphSurgeon.Cut(projector.Graph, projector.Input, projector.Output, projector.First.Weight.ElementType));
    }

    /// <summary>Runs rows [rows, input width] through the projector.</summary>
    public void Run(ReadOnlySpan<float> input, int rows, Span<float> output)
    {
        using var value = OrtValue.CreateTensorValueFromMemory(input.ToArray(), [rows, _projector.InputWidth]);
        using var results = _session.Run([_projector.Input], [value], [_projector.Output], CancellationToken.None);
        results[0].GetTensorDataAsSpan<float>().CopyTo(output);
    }

    public void Dispose() => _session.Dispose();
}
