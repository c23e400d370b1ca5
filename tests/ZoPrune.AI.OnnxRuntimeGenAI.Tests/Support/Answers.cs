using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

/// <summary>Answers of the stages, as a caller of them writes the loop.</summary>
internal static class Answers
{
    /// <summary>Lets the language model choose, if it can.</summary>
    public static List<int> Choose(
        VisionLanguageModel model,
        EncodedPrompt prompt,
        IReadOnlyList<ImageSelection> images,
        int count,
        SamplingOptions sampling,
        out string languageModel,
        SequencePool? pool = null)
    {
        var options = new PrefillOptions { MaxNewTokens = count, Sampling = sampling, Pool = pool };
        using var decoding = model.Prefill(prompt, images, options, TestContext.Current.CancellationToken);
        languageModel = decoding.LanguageModel;
        return Read(model, decoding, count, sampling);
    }

    /// <summary>Reads tokens until one ends the answer.</summary>
    public static List<int> Read(VisionLanguageModel model, Decoding decoding, int count, SamplingOptions sampling)
    {
        var sampler = new TokenSampler(sampling, model.EosTokenIds);
        var ids = new List<int>();
        do
        {
            ids.Add(decoding.Next(sampler, cancellationToken: TestContext.Current.CancellationToken));
        }
        while (ids.Count < count && !model.EosTokenIds.Contains(ids[^1]));

        return ids;
    }
}
