using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Families;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>Runs the vision graph, tapped at the projector.</summary>
internal sealed class VisionEncoder : IDisposable
{
    private readonly ModelFolder _folder;
    private readonly ModelFamily _family;
    private readonly OnnxGraph _graph;
    private readonly GraphSession _session;
    private readonly string _output;

    public VisionEncoder(ModelFolder folder, ModelFamily family, GraphSessionFactory sessions, OnnxGraph graph, Projector? projector)
    {
        _folder = folder;
        _family = family;
        _graph = graph;
        Projector = projector;
        _output = folder.Vision.Output("image_features");
        _session = projector is null
            ? sessions.Open(folder.Vision)
            : sessions.Open(folder.Vision, GraphSurgeon.Tap(graph, [projector.Input, projector.PreActivation, projector.Output]));
    }

    public Projector? Projector { get; }

    public VisualTokens Encode(ProcessedImage image, VisionTaps taps, CancellationToken cancellationToken)
    {
        var inputs = _family.VisionInputs(image);
        var names = new List<string>(inputs.Count);
        var values = new List<OrtValue>(inputs.Count);
        try
        {
            foreach (var (nominal, tensor) in inputs)
            {
                var input = _graph.Input(_folder.Vision.Input(nominal));
                names.Add(input.Name);
                values.Add(TensorFeed.Create(tensor, input, _graph.File));
            }

            var outputs = OutputNames(taps);
            using var results = _session.Run(names, values, outputs, cancellationToken);
            return Read(image, outputs, results);
        }
        finally
        {
            foreach (var value in values)
            {
                value.Dispose();
            }
        }
    }

    public void Dispose() => _session.Dispose();

    private List<string> OutputNames(VisionTaps taps)
    {
        var names = new List<string> { _output };
        if (Projector is not null)
        {
            Add(taps.HasFlag(VisionTaps.ProjectorInput), Projector.Input);
            Add(taps.HasFlag(VisionTaps.PreActivation) && Projector.Activation is not null, Projector.PreActivation);
            Add(!Projector.KeepsRowOrder && names.Count > 1, Projector.Output);
        }

        return names;

        void Add(bool wanted, string name)
        {
            if (wanted && !names.Contains(name))
            {
                names.Add(name);
            }
        }
    }

    private VisualTokens Read(ProcessedImage image, List<string> names, IReadOnlyList<OrtValue> results)
    {
        var z = Matrix(_output)!.Value;
        TokenMatrix? v = null, preActivation = null;
        IReadOnlyList<int> structural = [];
        if (Projector is not null && names.Count > 1)
        {
            v = Matrix(Projector.Input);
            preActivation = Projector.Activation is null ? null : Matrix(Projector.PreActivation);
            if (!Projector.KeepsRowOrder)
            {
                var tie = RowTie.ByEquality(z, Matrix(Projector.Output)!.Value);
                structural = [.. Enumerable.Range(0, tie.Length).Where(i => tie[i] < 0)];
                v = v is { } input ? RowTie.Gather(input, tie) : null;
                preActivation = preActivation is { } hidden ? RowTie.Gather(hidden, tie) : null;
            }

            CheckRows(v, Projector.Input);
            CheckRows(preActivation, Projector.PreActivation);
        }

        return new VisualTokens(new PrunableTokens
        {
            Embeddings = z,
            ProjectorInput = v,
            PreActivation = preActivation,
            Structural = structural,
            Grid = _family.Grid(image, z.Rows),
        });

        TokenMatrix? Matrix(string name) => names.IndexOf(name) is >= 0 and var index ? ToMatrix(name, results[index]) : null;

        void CheckRows(TokenMatrix? matrix, string name)
        {
            if (matrix is { } present && present.Rows != z.Rows)
            {
                throw new ModelFolderException(
                    _graph.File, $"'{name}' has {present.Rows} rows, but '{_output}' has {z.Rows}: the projector's rows cannot be tied to visual tokens.");
            }
        }
    }

    private TokenMatrix ToMatrix(string name, OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        if (info.ElementDataType != TensorElementType.Float)
        {
            throw new NotSupportedException($"{_graph.File}: '{name}' has the element type {info.ElementDataType}; only float32 is supported yet.");
        }

        var width = info.Shape.Length == 0 ? 0 : (int)info.Shape[^1];
        var values = value.GetTensorDataAsSpan<float>().ToArray();
        return width == 0 || values.Length == 0
            ? throw new ModelFolderException(_graph.File, $"'{name}' is empty; its shape is [{string.Join(", ", info.Shape)}].")
            : new TokenMatrix(values, values.Length / width, width);
    }
}
