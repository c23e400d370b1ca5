using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>What the embedding graph takes and gives, checked against the decoder; no session is needed to know it.</summary>
internal sealed class EmbeddingPlan
{
    public EmbeddingPlan(ModelFolder folder, OnnxGraph graph, DecoderInputs decoder)
    {
        Section = folder.Embedding;
        DecoderType = decoder.Embeddings.ElementType;
        Ids = DecoderInputs.Integer(graph, graph.Input(folder.Embedding.Input("input_ids")));
        Features = folder.Layout == ModelFolderLayout.GenAI ? graph.Input(folder.Embedding.Input("image_features")) : null;
        var embeddings = graph.Output(folder.Embedding.Output("inputs_embeds"));
        Embeddings = embeddings;
        foreach (var value in new[] { Features, embeddings })
        {
            if (value is not null && !Floats.IsFloat(value.ElementType))
            {
                throw new ModelFolderException(graph.File, $"{value} should be of a float type.");
            }
        }

        if (Features is { Rank: not (2 or 3) })
        {
            throw new ModelFolderException(graph.File, $"the input {Features} should have rank 2 or 3.");
        }

        if (embeddings is { Rank: not (null or 3) })
        {
            throw new ModelFolderException(graph.File, $"the output {embeddings} should have rank 3: [batch, tokens, width].");
        }

        // Sound, where a graph takes it, is never there: an empty tensor.
        GraphValue[] empty = [.. graph.Inputs.Where(i => i != Ids && i != Features)];
        if (empty.FirstOrDefault(i => !Floats.IsFloat(i.ElementType) || i.Rank is not (2 or 3)) is { } unknown)
        {
            throw new NotSupportedException($"{graph.File}: the graph has the input {unknown}, which a {folder.Type} folder is not known to have.");
        }

        Width = LastAxis(Features) ?? LastAxis(embeddings) ?? LastAxis(decoder.Embeddings) ?? folder.Decoder.HiddenSize
            ?? throw new ModelFolderException(folder.ConfigFile, "hidden_size is missing, and the embedding graph leaves it open.");
        if (Width <= 0)
        {
            throw new ModelFolderException(folder.ConfigFile, $"hidden_size is {Width}; it must be positive.");
        }

        if (LastAxis(embeddings) is { } made && made != Width)
        {
            throw new ModelFolderException(graph.File, $"takes visual tokens {Width} wide, but makes {embeddings}.");
        }

        if (LastAxis(decoder.Embeddings) is { } expected && expected != Width)
        {
            throw new ModelFolderException(graph.File, $"makes embeddings {Width} wide, but the decoder takes {decoder.Embeddings}.");
        }

        PerLayer = decoder.TakesPerLayerInputs ? graph.Output(folder.Embedding.Output("per_layer_inputs")) : null;
        Lookup = PerLayer is null ? EmbeddingLookupFinder.Find(graph, Ids, embeddings, Width) : null;
        var rowInputs = empty.Select(input => (input, LastAxis(input) ?? Width));
        RowInputs = [.. Features is null ? rowInputs : rowInputs.Prepend((Features, Width))];
        InputNames = [Ids.Name, .. RowInputs.Select(i => i.Input.Name)];
        OutputNames = [embeddings.Name, .. PerLayer is null ? Array.Empty<string>() : [PerLayer.Name]];
    }

    /// <summary>The graph.</summary>
    public GraphSection Section { get; }

    /// <summary>The ids of tokens.</summary>
    public GraphValue Ids { get; }

    /// <summary>The visual tokens; <c>null</c> if the graph only looks ids up.</summary>
    public GraphValue? Features { get; }

    /// <summary>The embeddings of tokens.</summary>
    public GraphValue Embeddings { get; }

    /// <summary>Gemma's further embeddings, one a layer; <c>null</c> for other models.</summary>
    public GraphValue? PerLayer { get; }

    /// <summary>
    /// What is fed with rows, and how wide they are: the visual tokens, then what is always empty. Where there are no visual tokens, none
    /// of it has a row.
    /// </summary>
    public IReadOnlyList<(GraphValue Input, int Width)> RowInputs { get; }

    /// <summary>The table that ordinary tokens are looked up in, if the graph does nothing else with them.</summary>
    public EmbeddingLookup? Lookup { get; }

    /// <summary>The names of the inputs: the ids, then <see cref="RowInputs"/> in their order.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>The names of the outputs: embeddings and, where there are any, those for each layer.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>The float type that the decoder takes.</summary>
    public TensorElementType DecoderType { get; }

    /// <summary>The width of an embedding.</summary>
    public int Width { get; }

    /// <summary>A tensor without rows for an input of rows.</summary>
    public static OrtValue Nothing(GraphValue input, int width) =>
        Floats.Create(ReadOnlyMemory<float>.Empty, input.ElementType, input.Rank == 3 ? [0, 0, width] : [0, width]);

    /// <summary>The length of a value's last axis, where it is fixed.</summary>
    public static int? LastAxis(GraphValue? value) =>
        value?.Dimensions is { Count: > 0 } dimensions && dimensions[^1] is > 0 and <= int.MaxValue ? (int)dimensions[^1]! : null;
}
