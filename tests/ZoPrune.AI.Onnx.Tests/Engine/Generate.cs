using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.Onnx.Tests.Engine;

internal static class Generate
{
    /// <summary>No id ends an answer: recorded runs go on behind an end of sequence.</summary>
    public static readonly int[] NoEnd = [int.MaxValue];

    /// <summary>The largest logit wins.</summary>
    public static readonly SamplingOptions Greedy = new() { DoSample = false };

    /// <summary>Generates ids until an end id (included) or a number of tokens.</summary>
    public static List<int> Ids(
        VisionLanguageModel model,
        EncodedPrompt prompt,
        IReadOnlyList<ImageSelection> images,
        int count,
        SamplingOptions? sampling = null,
        IReadOnlyList<int>? eos = null)
    {
        eos ??= model.EosTokenIds;
        var sampler = new TokenSampler(sampling ?? model.DefaultSampling, eos);
        using var decoding = model.Prefill(prompt, images, count, TestContext.Current.CancellationToken);
        var ids = new List<int>();
        while (true)
        {
            var id = sampler.Next(decoding.Logits, decoding.Sequence, decoding.PromptLength);
            ids.Add(id);
            if (eos.Contains(id) || ids.Count == count)
            {
                return ids;
            }

            decoding.Step(id, TestContext.Current.CancellationToken);
        }
    }
}
