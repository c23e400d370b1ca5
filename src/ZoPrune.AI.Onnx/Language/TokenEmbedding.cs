using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// Embeds one token after another for one sequence: from the graph's table where that is all the graph does, else by a run. Everything that
/// a run takes and gives is allocated once.
/// </summary>
internal sealed class TokenEmbedding : IDisposable
{
    private readonly EmbeddingStage _stage;
    private readonly EmbeddingPlan _plan;
    private readonly List<OrtValue> _values = [];
    private readonly bool _isCopy;
    private readonly byte[] _row = [];
    private OrtIoBinding? _binding;
    private IntegerBuffer? _ids;

    /// <param name="stage">The stage, which goes on to belong to the model.</param>
    /// <param name="plan">What its graph takes and gives.</param>
    public TokenEmbedding(EmbeddingStage stage, EmbeddingPlan plan)
    {
        _stage = stage;
        _plan = plan;
        try
        {
            Embeddings = Create(plan.DecoderType, [1, 1, plan.Width]);
            if (plan.PerLayer is { } perLayer)
            {
                PerLayerInputs = Create(perLayer.ElementType, [1, 1, .. perLayer.Dimensions!.Skip(2).Select(d => d!.Value)]);
            }

            if (stage.Table is { Lookup: var lookup })
            {
                _isCopy = lookup.IsCopy(plan.DecoderType);
                _row = _isCopy ? _row : new byte[lookup.RowBytes];
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

    /// <summary>How many tokens took a run of the graph.</summary>
    public int Runs { get; private set; }

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
        if (TryLookUp(id))
        {
            return;
        }

        Runs++;
        _binding ??= Bind();
        _ids!.Fill(id);
        _stage.Session.Run(_binding, options, cancellationToken);
    }

    public void Dispose()
    {
        _binding?.Dispose();
        _values.ForEach(v => v.Dispose());
    }

    private bool TryLookUp(int id)
    {
        if (_stage.Table is not { } table)
        {
            return false;
        }

        var target = Embeddings.GetTensorMutableRawData();
        if (_isCopy)
        {
            return table.TryRead(id, target);
        }

        if (!table.TryRead(id, _row))
        {
            return false;
        }

        // What is not a row as it is, is float32: lookups make nothing else, and the decoder takes what the graph gives.
        table.Lookup.Convert(_row, MemoryMarshal.Cast<byte, float>(target));
        return true;
    }

    private OrtIoBinding Bind()
    {
        var binding = _stage.Session.CreateBinding();
        try
        {
            _ids = new IntegerBuffer(_plan.Ids.ElementType, 1, 0);
            BindInput(_plan.Ids.Name, _ids.CreateTensor([1, 1]));
            foreach (var (input, width) in _plan.RowInputs)
            {
                BindInput(input.Name, EmbeddingPlan.Nothing(input, width));
            }

            binding.BindOutput(_plan.OutputNames[0], Embeddings);
            if (PerLayerInputs is not null)
            {
                binding.BindOutput(_plan.OutputNames[1], PerLayerInputs);
            }

            return binding;
        }
        catch
        {
            binding.Dispose();
            throw;
        }

        void BindInput(string name, OrtValue value)
        {
            _values.Add(value);
            binding.BindInput(name, value);
        }
    }

    private OrtValue Create(TensorElementType type, long[] shape)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
        _values.Add(value);
        return value;
    }
}
