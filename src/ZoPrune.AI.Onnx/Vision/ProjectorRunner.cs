using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>The projector alone, cut out of the vision graph: the function that finite differences are taken of.</summary>
internal sealed class ProjectorRunner : IDisposable
{
    private readonly Projector _projector;
    private readonly GraphSession _session;

    public ProjectorRunner(ModelFolder folder, GraphSessionFactory sessions, Projector projector)
        : this(projector, sessions.Open(folder.Vision, Cut(projector)))
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

    /// <summary>Runs rows [rows, input width] through the projector. Where it works in float16, rows are rounded to it.</summary>
    /// <exception cref="NotSupportedException">The projector works in another element type than float32 and float16.</exception>
    public void Run(ReadOnlySpan<float> input, int rows, Span<float> output)
    {
        using var value = Create(input, rows);
        using var results = _session.Run([_projector.Input], [value], [_projector.Output], CancellationToken.None);
        var type = results[0].GetTensorTypeAndShape().ElementDataType;
        switch (type)
        {
            case TensorElementType.Float:
                results[0].GetTensorDataAsSpan<float>().CopyTo(output);
                break;
            case TensorElementType.Float16:
                System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(
                    System.Runtime.InteropServices.MemoryMarshal.Cast<Float16, Half>(results[0].GetTensorDataAsSpan<Float16>()), output);
                break;
            default:
                throw Unsupported(_projector.Output, type);
        }
    }

    public void Dispose() => _session.Dispose();

    private OrtValue Create(ReadOnlySpan<float> input, int rows)
    {
        long[] shape = [rows, _projector.InputWidth];
        switch (_projector.First.InputType)
        {
            case TensorElementType.Float:
                return OrtValue.CreateTensorValueFromMemory(input.ToArray(), shape);
            case TensorElementType.Float16:
                var halves = new Float16[input.Length];
                System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(
                    input, System.Runtime.InteropServices.MemoryMarshal.Cast<Float16, Half>(halves.AsSpan()));
                return OrtValue.CreateTensorValueFromMemory(halves, shape);
            default:
                throw Unsupported(_projector.Input, _projector.First.InputType);
        }
    }

    private NotSupportedException Unsupported(string tensor, TensorElementType type) =>
        new($"{_projector.Graph.File}: '{tensor}' has the element type {type}; finite differences need float32 or float16. Use the closed form.");
}
