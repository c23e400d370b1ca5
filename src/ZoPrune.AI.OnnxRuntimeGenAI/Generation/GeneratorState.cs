using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Generation;

/// <summary>A generator with the sequence that it holds. GenAI cannot copy one: who goes on with it takes it over.</summary>
/// <param name="model">The model that made it.</param>
/// <param name="generator">The generator.</param>
/// <param name="search">How it chooses.</param>
/// <param name="maxLength">The length that its sequence may reach.</param>
internal sealed class GeneratorState(GenAILanguageModel model, GenAIGenerator generator, GenAISearch search, int maxLength) : SequenceState
{
    public GenAIGenerator Generator => generator;

    public GenAISearch Search => search;

    public int MaxLength => maxLength;

    /// <summary>The tokens of the sequence.</summary>
    public int Length { get; set; }

    /// <summary>
    /// Whether the last token has not been run yet. GenAI runs a token when the next one is wanted, and forgets to when something is
    /// appended instead.
    /// </summary>
    public bool IsLastPending { get; set; }

    /// <summary>Rows of visual tokens that the generator keeps, in bytes.</summary>
    public long FeatureBytes { get; set; }

    /// <summary>
    /// The length that it can go back to. Where visual tokens have a place in a grid GenAI counts on from those that it was given, whether
    /// they are still there or not.
    /// </summary>
    public int LeastLength { get; set; }

    /// <inheritdoc/>
    public override long Bytes => model.BytesOf(Length, maxLength) + FeatureBytes;

    /// <inheritdoc/>
    public override long FixedBytes => Bytes;

    /// <inheritdoc/>
    public override long BytesPerToken => 0;

    /// <inheritdoc/>
    public override bool IsCopied => false;

    /// <inheritdoc/>
    public override bool CanRewind(int length, int target) => target >= LeastLength && model.CanRewind(length);

    /// <inheritdoc/>
    /// <remarks>Buffers keep their size, and the sequence goes back when somebody takes it.</remarks>
    public override void Trim(int length)
    {
    }

    /// <inheritdoc/>
    public override SequenceState? Branch(int length, int capacity)
    {
        try
        {
            if (length < Length)
            {
                RewindTo(length);
            }
            else
            {
                RunPending();
            }

            return this;
        }
        catch (OnnxRuntimeGenAIException)
        {
            // Not every cache can go back; the prompt is computed whole then.
            Dispose();
            return null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs the last token, if that has not happened yet.</summary>
    public void RunPending()
    {
        if (IsLastPending)
        {
            generator.ComputeLogits();
            IsLastPending = false;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => generator.Dispose();

    private void RewindTo(int length)
    {
        generator.RewindTo(length);
        Length = length;
        IsLastPending = false;
    }
}
