using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>What the vision graph takes and gives, checked against the other stages; no session is needed to know it.</summary>
internal sealed class VisionPlan
{
    /// <summary>What exporters call the inputs that the specifications name otherwise.</summary>
    private static readonly Dictionary<string, string> s_nominalNames = new(StringComparer.Ordinal)
    {
        ["grid_thw"] = "image_grid_thw",
        ["images"] = "pixel_values",
    };

    /// <param name="folder">The folder.</param>
    /// <param name="graph">The vision graph.</param>
    /// <param name="projectorInput">The tensor that feeds the projector, if the user names it.</param>
    public VisionPlan(ModelFolder folder, OnnxGraph graph, string? projectorInput)
    {
        Folder = folder;
        Graph = graph;
        Output = OutputOf(folder, graph);
        if (!Floats.IsFloat(Output.ElementType))
        {
            throw new ModelFolderException(graph.File, $"the output {Output} should be of a float type.");
        }

        if (Output.Rank is < 2)
        {
            throw new ModelFolderException(graph.File, $"the output {Output} should have rank 2 or more: rows of visual tokens.");
        }

        Projector = ProjectorFinder.Find(graph, Output.Name, projectorInput);
    }

    /// <summary>The folder.</summary>
    public ModelFolder Folder { get; }

    /// <summary>The graph.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>The output that holds the visual tokens.</summary>
    public GraphValue Output { get; }

    /// <summary>The projector; <c>null</c> if none was found.</summary>
    public Projector? Projector { get; }

    /// <summary>Checks that visual tokens are as wide as the embeddings that they stand among.</summary>
    /// <param name="embeddingWidth">The width of an embedding.</param>
    /// <exception cref="ModelFolderException">They are not.</exception>
    public void RequireWidth(int embeddingWidth)
    {
        if (Output.Dimensions is [.., { } width] && width > 0 && width != embeddingWidth)
        {
            throw new ModelFolderException(
                Graph.File, $"gives visual tokens {Output}, but embeddings are {embeddingWidth} wide: {Path.GetFileName(Folder.Embedding.File)} belongs to another model.");
        }
    }

    /// <summary>Checks that every input is something that the image processing gives.</summary>
    /// <param name="given">Nominal names.</param>
    /// <exception cref="ModelFolderException">One is not.</exception>
    public void RequireInputs(IReadOnlyCollection<string> given)
    {
        foreach (var input in Graph.Inputs)
        {
            NominalNameOf(input.Name, given);
        }
    }

    /// <summary>Whether the graph takes what the image processing makes of a picture.</summary>
    /// <exception cref="ModelFolderException">It takes other shapes.</exception>
    public void RequireFit(ProcessedImage image)
    {
        foreach (var (input, tensor) in InputsOf(image))
        {
            TensorFeed.Fit(tensor, input, Graph.File);
        }
    }

    /// <summary>Every input of the graph with what the image processing made for it.</summary>
    /// <exception cref="ModelFolderException">The image processing does not give it.</exception>
    public IEnumerable<(GraphValue Input, ImageTensor Tensor)> InputsOf(ProcessedImage image)
    {
        string[] given = [.. image.Inputs.Keys];
        return Graph.Inputs.Select(input => (input, image.Inputs[NominalNameOf(input.Name, given)]));
    }

    /// <summary>What the specifications call an input of the graph.</summary>
    private string NominalNameOf(string input, IReadOnlyCollection<string> given)
    {
        foreach (var nominal in given)
        {
            if (input == nominal || (nominal.Length > 0 && input == Folder.Vision.Input(nominal)))
            {
                return nominal;
            }
        }

        return s_nominalNames.TryGetValue(input, out var known) && given.Contains(known)
            ? known
            : throw new ModelFolderException(
                Graph.File,
                $"has the input '{input}', which the image processing of a {Folder.Type} folder does not give; it gives {string.Join(", ", given.Where(k => k.Length > 0))}.");
    }

    private static GraphValue OutputOf(ModelFolder folder, OnnxGraph graph)
    {
        var name = folder.Vision.Output("image_features");
        return folder.Layout == ModelFolderLayout.GenAI || graph.FindOutput(name) is not null || graph.Outputs.Count != 1
            ? graph.Output(name)
            : graph.Outputs[0];
    }
}
