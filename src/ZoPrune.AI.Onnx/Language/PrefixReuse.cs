using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// Finds out whether a decoder gives the same for some tokens in one run as for the first of them in one run and the rest in another. Not
/// every exported mask is right behind a past, and some models let all tokens of a prompt see each other; the graph itself is asked.
/// </summary>
internal static class PrefixReuse
{
    private const int Tokens = 12;
    private const int FirstRun = 7;

    /// <summary>
    /// The largest difference that counts as rounding, as a part of the largest value. A wrong mask is off by far more.
    /// </summary>
    private const float Single = 1e-3f;
    private const float Half = 2e-2f;

    /// <summary>Why it does not; <c>null</c> if it does.</summary>
    public static string? FindObstacle(LanguageModel model, LanguagePlan plan)
    {
        if (plan.Branches.Obstacle is { } obstacle)
        {
            return obstacle;
        }

        try
        {
            if (OrdinaryIds(plan) is not { Length: > 0 } ids)
            {
                return "the vocabulary has no ordinary tokens to try it with";
            }

            using var whole = model.CreateCache(ids.Length);
            using var parts = model.CreateCache(ids.Length);
            var (wholeLogits, partLogits) = (Array.Empty<float>(), Array.Empty<float>());
            Run(model, ids, 0, whole, ref wholeLogits);
            Run(model, ids.AsMemory(0, FirstRun), 0, parts, ref partLogits);
            Run(model, ids.AsMemory(FirstRun), FirstRun, parts, ref partLogits);
            return Agree(wholeLogits, partLogits, plan.Logits.ElementType)
                && whole.Values.Zip(parts.Values).All(p => Agree(Floats.Read(p.First), Floats.Read(p.Second), TypeOf(p.First)))
                    ? null
                    : "the decoder gives other values for a prompt in two runs than in one: its tokens see what comes after them, or its mask "
                        + "is wrong behind a past";
        }
        catch (Exception e) when (e is ModelRunException or NotSupportedException or InvalidOperationException and not ObjectDisposedException)
        {
            return $"the decoder cannot run over several tokens behind others ({e.Message})";
        }
    }

    private static void Run(LanguageModel model, ReadOnlyMemory<int> ids, int past, KeyValueCache cache, ref float[] logits)
    {
        long[] positions = [.. Enumerable.Range(past, ids.Length).Select(p => (long)p)];
        model.Run(new DecoderStep(ids, positions, 1, past), ReadOnlyMemory<float>.Empty, cache, ref logits, CancellationToken.None);
    }

    /// <summary>Ids without padding and placeholders, which are treated specially.</summary>
    private static int[] OrdinaryIds(LanguagePlan plan)
    {
        int[] special = [plan.PlaceholderId, plan.Folder.PadTokenId, .. plan.Folder.EosTokenIds];
        int[] ordinary = [.. Enumerable.Range(0, (int)Math.Min(plan.Vocabulary, int.MaxValue)).Where(id => !special.Contains(id)).Take(4 * Tokens)];
        return ordinary.Length == 0 ? [] : [.. Enumerable.Range(0, Tokens).Select(i => ordinary[i * 7 % ordinary.Length])];
    }

    private static TensorElementType TypeOf(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType;

    private static bool Agree(ReadOnlySpan<float> a, ReadOnlySpan<float> b, TensorElementType type)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        if (a.IsEmpty)
        {
            return true;
        }

        var difference = new float[a.Length];
        TensorPrimitives.Subtract(a, b, difference);
        var largest = TensorPrimitives.MaxMagnitude(a);
        return MathF.Abs(TensorPrimitives.MaxMagnitude(difference)) <= MathF.Abs(largest) * (type == TensorElementType.Float ? Single : Half);
    }
}
