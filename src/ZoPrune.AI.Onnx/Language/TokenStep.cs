using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// Runs the language model over one token after another of one sequence. What a run takes and gives is allocated once, as far as its shape
/// does not change from token to token.
/// </summary>
internal abstract class TokenStep : IDisposable
{
    private readonly TokenEmbedding _embedding;
    private readonly DecoderStepInputs _inputs;

    /// <param name="plan">What the graphs take and give.</param>
    /// <param name="embedding">Embeds tokens; belongs to this object from then on.</param>
    /// <param name="bind">Sets an input of the decoder, from then on.</param>
    protected TokenStep(LanguagePlan plan, TokenEmbedding embedding, Action<string, OrtValue> bind)
    {
        _embedding = embedding;
        _inputs = plan.Inputs.CreateStep(bind, embedding, plan.Head);
    }

    /// <summary>The logits of the last run's token [vocabulary].</summary>
    public abstract float[] Logits { get; }

    /// <summary>Makes what runs over the tokens of one sequence; <c>null</c> if the model's graphs cannot be run like that.</summary>
    public static TokenStep? Create(LanguagePlan plan, EmbeddingStage embedding, GraphSession decoder)
    {
        if (plan.Logits.Rank != 3 || !TokenEmbedding.IsPossible(plan.Embedding))
        {
            return null;
        }

        var token = new TokenEmbedding(embedding, plan.Embedding);
        try
        {
            return plan.Layout.InPlace ? InPlaceStep.Create(plan, token, decoder) : new ReturnedCacheStep(plan, token, decoder);
        }
        catch
        {
            token.Dispose();
            throw;
        }
    }

    /// <summary>Runs over a token.</summary>
    /// <param name="id">The token.</param>
    /// <param name="position">Its position, on each axis.</param>
    /// <param name="pastLength">Tokens that are in the cache, at least one.</param>
    /// <param name="cache">The cache, with room for one more.</param>
    /// <param name="cancellationToken">Also ends a run in the middle; the cache cannot be used afterwards.</param>
    public void Run(int id, long position, int pastLength, KeyValueCache cache, CancellationToken cancellationToken)
    {
        _embedding.Run(id, Options, cancellationToken);
        _inputs.Set(id, position, pastLength);
        RunDecoder(cache, cancellationToken);
    }

    public virtual void Dispose()
    {
        _inputs.Dispose();
        _embedding.Dispose();
        Options.Dispose();
    }

    /// <summary>The options of all runs.</summary>
    private protected RunOptions Options { get; } = new();

    private protected abstract void RunDecoder(KeyValueCache cache, CancellationToken cancellationToken);
}
