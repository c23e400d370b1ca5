using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Families;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>Runs the vision graph, tapped at the projector, one image a run, with all of its tiles in it.</summary>
/// <remarks>
/// Graphs treat images apart from each other, so several in one run would give the same, but not all do: one that is quantised dynamically
/// has one scale for all that is in a run, and then an image's visual tokens would depend on its neighbours, which must not be where they
/// are kept by the image alone. Others have a batch of 1 built in. On a CPU two images a run take as long as two runs.
/// </remarks>
internal sealed class VisionEncoder : IDisposable
{
    private readonly VisionPlan _plan;
    private readonly ModelFamily _family;
    private readonly GraphSession _session;

    public VisionEncoder(VisionPlan plan, ModelFamily family, GraphSessionFactory sessions)
    {
        _plan = plan;
        _family = family;
        _session = plan.Projector is null
            ? sessions.Open(plan.Folder.Vision, ThreadUse.Apart)
            : sessions.Open(plan.Folder.Vision, ThreadUse.Apart, GraphSurgeon.Tap(plan.Graph, AllTaps(plan.Projector)));
    }

    private Projector? Projector => _plan.Projector;

    /// <summary>Runs the graph.</summary>
    /// <param name="image">The image.</param>
    /// <param name="taps">What is wanted beside the visual tokens.</param>
    /// <param name="buffers">
    /// Where that lies, and what is only needed for the run; <c>null</c>: in arrays of their own. The visual tokens are kept: never there.
    /// </param>
    /// <param name="cancellationToken">Ends the run in the middle.</param>
    public VisualTokens Encode(ProcessedImage image, VisionTaps taps, PictureBuffers? buffers, CancellationToken cancellationToken)
    {
        var processed = _family.Finish(image);
        var names = new List<string>();
        var values = new List<OrtValue>();
        try
        {
            foreach (var (input, tensor) in _plan.InputsOf(processed))
            {
                names.Add(input.Name);
                values.Add(TensorFeed.Create(tensor, input, _plan.Folder.Layout, _plan.Graph.File, buffers));
            }

            var outputs = OutputNames(taps);
            using var results = _session.Run(names, values, outputs, cancellationToken);
            return Read(processed, outputs, results, buffers);
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

    private static IEnumerable<string> AllTaps(Projector projector)
    {
        IEnumerable<string> taps = [projector.Input, projector.PreActivation, projector.Output];
        return projector.Normalization is { } norm ? taps.Concat(norm.Inputs).Append(norm.Output) : taps;
    }

    private List<string> OutputNames(VisionTaps taps)
    {
        var names = new List<string> { _plan.Output.Name };
        if (Projector is null)
        {
            return names;
        }

        var closedForm = taps.HasFlag(VisionTaps.ClosedForm);
        Add(taps.HasFlag(VisionTaps.ProjectorInput), Projector.Input);
        Add(closedForm && Projector.Activation is not null, Projector.PreActivation);
        if (closedForm && Projector.Normalization is { } norm)
        {
            Add(true, Projector.Input);
            Add(!norm.KeepsRowOrder, norm.Output);
            foreach (var input in norm.Inputs)
            {
                Add(true, input);
            }
        }

        // Always: which rows no row of the projector made must not depend on what is measured.
        Add(!Projector.KeepsRowOrder, Projector.Output);
        return names;

        void Add(bool wanted, string name)
        {
            if (wanted && !names.Contains(name))
            {
                names.Add(name);
            }
        }
    }

    private VisualTokens Read(ProcessedImage image, List<string> names, IReadOnlyList<OrtValue> results, PictureBuffers? buffers)
    {
        var z = Matrix(_plan.Output.Name, owner: null)!.Value;
        var rows = Projector is not null && names.Count > 1
            ? ProjectorRows.Read(Projector, z, name => Matrix(name, buffers), buffers)
            : ProjectorRows.None;
        var layout = _family.Layout(image, z.Rows);
        var untied = rows.Untied;
        if (_family.Assemble(image, z.Rows) is { } assembly)
        {
            layout = assembly.Layout;
            if (assembly.Learned is { } learned && learned.Length != z.Width)
            {
                throw new ModelFolderException(_plan.Graph.File, $"gives visual tokens {z.Width} wide, but the folder's newline is {learned.Length} wide.");
            }

            z = assembly.Apply(z, assembly.Learned, buffers: null);
            rows = rows.Select(matrix => assembly.Apply(matrix, learned: null, buffers));
            untied = [];
        }

        return new VisualTokens(new PrunableTokens
        {
            Embeddings = z,
            ProjectorInput = rows.Input,
            PreActivation = rows.PreActivation,
            NormalizationInput = rows.NormalizationInput,
            NoSensitivityReason = rows.Problem,
            Structural = [.. untied.Union(layout.Structural).Order()],
            Grid = layout.Grid,
            Crops = layout.Crops,
        })
        {
            Tiles = image.Tiles,
        };

        // Each call copies, so no two matrices share memory, not even of one name.
        TokenMatrix? Matrix(string name, PictureBuffers? owner) =>
            names.IndexOf(name) is >= 0 and var index ? ToMatrix(name, results[index], owner) : null;
    }

    private TokenMatrix ToMatrix(string name, OrtValue value, PictureBuffers? owner)
    {
        var info = value.GetTensorTypeAndShape();
        if (!Floats.IsFloat(info.ElementDataType))
        {
            throw new ModelFolderException(_plan.Graph.File, $"'{name}' has the element type {info.ElementDataType}, not a float type.");
        }

        var width = info.Shape.Length == 0 ? 0 : (int)info.Shape[^1];
        var values = Floats.Read(value, owner);
        return width == 0 || values.Length == 0
            ? throw new ModelFolderException(_plan.Graph.File, $"'{name}' is empty; its shape is [{string.Join(", ", info.Shape)}].")
            : new TokenMatrix(values, values.Length / width, width);
    }
}
