using ZoPrune.AI.Onnx.Language;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Generation;

/// <summary>
/// What came out when generators were continued and taken back. GenAI has no way to ask: some devices refuse, and some caches stay as they
/// were when the sequence goes back, without a word.
/// </summary>
/// <param name="Obstacle">Why generators cannot be continued; <see langword="null"/> if they can.</param>
/// <param name="CanRewind">Whether they can go back.</param>
internal sealed record ContinuationTrial(string? Obstacle, bool CanRewind)
{
    private const int FirstRun = 7;

    /// <summary>Tries both with a few tokens.</summary>
    public static ContinuationTrial Run(GenAILanguageModel model, LanguagePlan plan, int[] ids)
    {
        if (plan.Branches.Obstacle is { } obstacle)
        {
            return new ContinuationTrial(obstacle, CanRewind: false);
        }

        if (ids.Length <= FirstRun)
        {
            return new ContinuationTrial("the vocabulary has no ordinary tokens to try it with", CanRewind: false);
        }

        var whole = new float[model.Vocabulary];
        var parts = new float[model.Vocabulary];
        try
        {
            using (var state = Begin(model, ids, ids))
            {
                state.Generator.CopyLogits(whole);
            }

            using (var state = Begin(model, ids.AsSpan(0, FirstRun), ids))
            {
                state.Generator.AppendTokens(ids.AsSpan(FirstRun));
                state.Generator.CopyLogits(parts);
            }
        }
        catch (Exception e) when (e is not (ObjectDisposedException or OutOfMemoryException))
        {
            return new ContinuationTrial($"ONNX Runtime GenAI cannot go on behind a prompt ({e.Message})", CanRewind: false);
        }

        // Where past and present are concatenated the cache of a multimodal model stays as it was; to try it would only log errors.
        return PrefixReuse.Agree(plan, whole, parts)
            ? new ContinuationTrial(null, plan.Folder.Search.ShareBuffer && Rewinds(model, plan, ids, whole))
            : new ContinuationTrial("ONNX Runtime GenAI gives other values for a prompt in two runs than in one", CanRewind: false);
    }

    private static bool Rewinds(GenAILanguageModel model, LanguagePlan plan, int[] ids, float[] whole)
    {
        var logits = new float[whole.Length];
        try
        {
            // Begins like the tokens, goes on otherwise and longer, with a token of its own choice at the end, and then is taken back. Longer:
            // a cache that stays as it was goes unnoticed where as many tokens come in place of those that went.
            using var state = Begin(model, [.. ids.AsSpan(0, FirstRun), .. ids], ids);
            state.Generator.GenerateNextToken();
            state.Generator.RewindTo(FirstRun);
            state.Generator.AppendTokens(ids.AsSpan(FirstRun));
            state.Generator.CopyLogits(logits);
            return PrefixReuse.Agree(plan, whole, logits);
        }
        catch (Exception e) when (e is not (ObjectDisposedException or OutOfMemoryException))
        {
            return false;
        }
    }

    private static GeneratorState Begin(GenAILanguageModel model, ReadOnlySpan<int> first, int[] ids)
    {
        var state = model.CreateState(GenAISearch.Of(null), model.LeastRoomFor((2 * ids.Length) + 1));
        try
        {
            model.Begin(state, first, []);
            return state;
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }
}
