using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>The projector alone, cut out of the vision graph: the function that finite differences are taken of.</summary>
internal sealed class ProjectorRunner : IDisposable
{
    private readonly Projector _projector;
    private readonly GraphSession _session;

    public ProjectorRunner(ModelFolder folder, GraphSessionFactory sessions, Projector projector)
        : this(projector, sessions.Open(folder.Vision, ThreadUse.Apart, Cut(projector)))
    {
    }

    public ProjectorRunner(Projector projector, GraphSession session)
    {
        _projector = projector;
        _session = session;
    }

    /// <summary>The model to open for a projector.</summary>
    public static byte[] Cut(Projector projector) =>
        GraphSurgeon.Cut(projector.Graph, projector.Input, projector.Output, projector.First.InputType);

    /// <summary>Runs rows [rows, input width] through the projector. Where it works in a 16-bit type, rows are rounded to it.</summary>
    public void Run(ReadOnlySpan<float> input, int rows, Span<float> output)
    {
        using var value = Floats.Create(input.ToArray(), _projector.First.InputType, [rows, _projector.InputWidth]);
        using var results = _session.Run([_projector.Input], [value], [_projector.Output], CancellationToken.None);
        Floats.Read(results[0], 0, output);
    }

    public void Dispose() => _session.Dispose();
}
