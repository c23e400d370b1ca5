using System.Globalization;
using System.Numerics.Tensors;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// Finds out whether a decoder gives the same for some tokens in one run as for the first of them in one run and the rest in another. Not
/// every exported mask is right behind a past, and some models let all tokens of a prompt see each other; the graph itself is asked.
/// </summary>
internal static class PrefixReuse
{
    private const int Tokens = 12;
    private const int FirstRun = 7;
    private const string Sentence = "The quick brown fox jumps over the lazy dog, and then it runs back through the green forest.";

    /// <summary>
    /// The largest difference that counts as rounding, as a part of the largest value. A wrong mask is off by far more.
    /// </summary>
    private const float FullPrecision = 1e-3f;
    private const float LessPrecision = 2e-2f;

    /// <summary>
    /// Tokens to try it with: those of an ordinary sentence, since models give much alike for tokens that they never saw; else some from
    /// everywhere in the vocabulary. Without padding and placeholders, which are treated specially.
    /// </summary>
    public static int[] ChooseIds(LanguagePlan plan, TextTokenizer tokenizer)
    {
        int[] special = [plan.PlaceholderId, plan.Folder.PadTokenId, .. plan.Folder.EosTokenIds];
        int[] words = [.. tokenizer.Encode([PromptSegment.User(Sentence)]).Ids.Where(IsOrdinary)];
        if (words.Distinct().Count() < FirstRun)
        {
            var vocabulary = (int)plan.Vocabulary;
            words =
            [
                .. Enumerable.Range(0, Tokens)
                    .Select(i => (int)((long)vocabulary * i / Tokens))
                    .Select(start => Enumerable.Range(start, vocabulary - start).Where(IsOrdinary).Cast<int?>().FirstOrDefault())
                    .OfType<int>(),
            ];
        }

        return words.Length == 0 ? [] : [.. Enumerable.Range(0, Tokens).Select(i => words[i % words.Length])];

        bool IsOrdinary(int id) => id >= 0 && id < plan.Vocabulary && !special.Contains(id) && !tokenizer.IsSpecial(id);
    }

    /// <summary>Why it does not; <c>null</c> if it does.</summary>
    /// <exception cref="ObjectDisposedException">The model is disposed of.</exception>
    public static string? FindObstacle(LanguageModel model, LanguagePlan plan, int[] ids)
    {
        if (plan.Branches.Obstacle is { } obstacle)
        {
            return obstacle;
        }

        if (ids.Length == 0)
        {
            return "the vocabulary has no ordinary tokens to try it with";
        }

        try
        {
            using var whole = model.CreateCache(ids.Length);
            using var parts = model.CreateCache(ids.Length);
            var (wholeLogits, partLogits) = (Array.Empty<float>(), Array.Empty<float>());
            Run(model, ids, 0, whole, ref wholeLogits);
            Run(model, ids.AsMemory(0, FirstRun), 0, parts, ref partLogits);
            Run(model, ids.AsMemory(FirstRun), FirstRun, parts, ref partLogits);
            var difference = whole.Values.Zip(parts.Values, (a, b) => Difference(Floats.Read(a).Span, Floats.Read(b).Span))
                .Append(Difference(wholeLogits, partLogits))
                .Max();
            return IsRounding(plan, difference)
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"the decoder gives other values for a prompt in two runs than in one (by {difference:G2} of the largest): its tokens see "
                    + $"what comes after them, or its mask is wrong behind a past");
        }
        catch (Exception e) when (e is not (ObjectDisposedException or OutOfMemoryException or OperationCanceledException))
        {
            return $"the decoder cannot run over several tokens behind others ({e.Message})";
        }
    }

    /// <summary>Whether two sets of logits differ by rounding at most.</summary>
    public static bool Agree(LanguagePlan plan, float[] a, float[] b) => IsRounding(plan, Difference(a, b));

    private static bool IsRounding(LanguagePlan plan, float difference) => difference <= (plan.IsFullPrecision ? FullPrecision : LessPrecision);

    private static void Run(LanguageModel model, ReadOnlyMemory<int> ids, int past, KeyValueCache cache, ref float[] logits)
    {
        long[] positions = [.. Enumerable.Range(past, ids.Length).Select(p => (long)p)];
        model.Run(new DecoderStep(ids, positions, 1, past), ReadOnlyMemory<float>.Empty, cache, ref logits, CancellationToken.None);
    }

    /// <summary>The largest difference, as a part of the largest value; infinite if there is no telling.</summary>
    private static float Difference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
        {
            return float.PositiveInfinity;
        }

        if (a.Length == 0 || a.SequenceEqual(b))
        {
            return 0;
        }

        var difference = new float[a.Length];
        TensorPrimitives.Subtract(a, b, difference);
        var part = MathF.Abs(TensorPrimitives.MaxMagnitude(difference)) / MathF.Abs(TensorPrimitives.MaxMagnitude(a));
        return float.IsNaN(part) ? float.PositiveInfinity : part;
    }
}
