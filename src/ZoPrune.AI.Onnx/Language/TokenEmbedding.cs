using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>Embeds one token after another for one sequence; everything that a run takes and gives is allocated once.</summary>
internal sealed class TokenEmbedding : IDisposable
{
    private readonly GraphSession _session;
    private readonly OrtIoBinding _binding;
    private readonly IntegerBuffer _ids;
    private readonly List<OrtValue> _values = [];

    public TokenEmbedding(GraphSession session, EmbeddingPlan plan)
    {
        _session = session;
        _ids = new IntegerBuffer(plan.Ids.ElementType, 1, 0);
        _binding = session.CreateBinding();
        try
        {
            Bind(plan.Ids.Name, _ids.CreateTensor([1, 1]));
            if (plan.Features is { } features)
            {
                Bind(features.Name, EmbeddingPlan.Nothing(features, plan.Width));
            }

            foreach (var input in plan.Empty)
            {
                Bind(input.Name, EmbeddingPlan.Nothing(input, EmbeddingPlan.LastAxis(input) ?? plan.Width));
            }

            Embeddings = Give(plan.OutputNames[0], plan.DecoderType, [1, 1, plan.Width]);
            if (plan.PerLayer is { } perLayer)
            {
                PerLayerInputs = Give(perLayer.Name, perLayer.ElementType, [1, 1, .. perLayer.Dimensions!.Skip(2).Select(d => d!.Value)]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The embedding of the last token, [1, 1, width].</summary>
    public OrtValue Embeddings { get; }

    /// <summary>Gemma's further embeddings of it; <c>null</c> for other models.</summary>
    public OrtValue? PerLayerInputs { get; }

    /// <summary>Whether a graph can be run like that: its results have the decoder's type, and their shapes are known beforehand.</summary>
    public static bool IsPossible(EmbeddingPlan plan) =>
        plan.Embeddings is { Rank: 3 } made
        && made.ElementType == plan.DecoderType
        && plan.PerLayer is null or { Dimensions.Count: >= 2 }
        && (plan.PerLayer?.Dimensions!.Skip(2).All(d => d > 0) ?? true);

    /// <summary>Embeds a token.</summary>
    /// <param name="id">The token.</param>
    /// <param name="options">The options of the run, to be used again.</param>
    /// <param name="cancellationToken">Ends the run in the middle.</param>
    public void Run(int id, RunOptions options, CancellationToken cancellationToken)
    {
        _ids.Fill(id);
        _session.Run(_binding, options, cancellationToken);
    }

    public void Dispose()
    {
        _binding.Dispose();
        _values.ForEach(v => v.Dispose());
    }

    private void Bind(string name, OrtValue value)
    {
        _values.Add(value);
        _binding.BindInput(name, value);
    }

    private OrtValue Give(string name, TensorElementType type, long[] shape)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
        _values.Add(value);
        _binding.BindOutput(name, value);
        return value;
    }
}
