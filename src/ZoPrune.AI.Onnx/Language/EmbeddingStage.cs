using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// Runs the embedding graph. In folders of GenAI it puts visual tokens in by itself; in the transformers.js layout it only looks ids up,
/// and the rows of placeholders are overwritten here (hf-onnx-vlm-folder specification 0).
/// </summary>
internal sealed class EmbeddingStage : IDisposable
{
    private readonly GraphSession _session;
    private readonly EmbeddingPlan _plan;
    private readonly int _placeholderId;

    public EmbeddingStage(EmbeddingPlan plan, GraphSessionFactory sessions, int placeholderId)
    {
        _plan = plan;
        _placeholderId = placeholderId;
        _session = sessions.Open(plan.Section, ThreadUse.Lookup);
        try
        {
            Table = plan.Lookup is null ? null : EmbeddingTable.Open(plan.Lookup);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>Whether the graph puts visual tokens in by itself.</summary>
    public bool TakesFeatures => _plan.Features is not null;

    /// <summary>The width of an embedding.</summary>
    public int Width => _plan.Width;

    /// <summary>Embeds tokens.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="features">Rows [rows, width] for the placeholders among them, in order.</param>
    /// <param name="cancellationToken">Ends the run in the middle.</param>
    public EmbeddedTokens Run(ReadOnlySpan<int> ids, ReadOnlyMemory<float> features, CancellationToken cancellationToken)
    {
        var rows = features.Length / Width;
        var inputs = new List<OrtValue>(_plan.InputNames.Count);
        try
        {
            inputs.Add(LanguageModel.Integers(_plan.Ids, _plan.Features is null && rows > 0 ? WithoutPlaceholders(ids) : ids, [1, ids.Length]));
            foreach (var (input, width) in _plan.RowInputs)
            {
                inputs.Add(input == _plan.Features && rows > 0
                    ? Floats.Create(features, input.ElementType, input.Rank == 3 ? [1, rows, Width] : [rows, Width])
                    : EmbeddingPlan.Nothing(input, width));
            }

            // The collection owns nothing but its values, and those go to the caller.
            var outputs = _session.Run(_plan.InputNames, inputs, _plan.OutputNames, cancellationToken);
            EmbeddedTokens? embedded = null;
            try
            {
                embedded = new EmbeddedTokens(InDecoderType(outputs[0]), outputs.Count > 1 ? outputs[1] : null);
                if (_plan.Features is null)
                {
                    Overwrite(embedded.Embeddings, ids, features.Span);
                }

                return embedded;
            }
            catch
            {
                embedded?.Dispose();
                outputs.Dispose();
                throw;
            }
        }
        finally
        {
            foreach (var input in inputs)
            {
                input.Dispose();
            }
        }
    }

    /// <summary>The session.</summary>
    public GraphSession Session => _session;

    /// <summary>The table that ordinary tokens are looked up in, where the graph does no more and the table can be read.</summary>
    public EmbeddingTable? Table { get; }

    public void Dispose()
    {
        _session.Dispose();
        Table?.Dispose();
    }

    /// <summary>The placeholder may lie outside the table, and its row is overwritten anyway.</summary>
    private ReadOnlySpan<int> WithoutPlaceholders(ReadOnlySpan<int> ids)
    {
        var copy = ids.ToArray();
        copy.AsSpan().Replace(_placeholderId, 0);
        return copy;
    }

    private OrtValue InDecoderType(OrtValue embeddings)
    {
        var info = embeddings.GetTensorTypeAndShape();
        if (info.ElementDataType == _plan.DecoderType)
        {
            return embeddings;
        }

        using (embeddings)
        {
            return Floats.Create(Floats.Read(embeddings), _plan.DecoderType, info.Shape);
        }
    }

    private void Overwrite(OrtValue embeddings, ReadOnlySpan<int> ids, ReadOnlySpan<float> features)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            if (ids[i] == _placeholderId && !features.IsEmpty)
            {
                Floats.Write(features[..Width], embeddings, i * Width);
                features = features[Width..];
            }
        }

        if (!features.IsEmpty)
        {
            throw new InvalidOperationException($"{features.Length / Width} visual tokens are left over: the prompt has too few placeholders.");
        }
    }
}
