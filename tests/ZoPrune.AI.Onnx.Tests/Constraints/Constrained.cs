using System.Text;
using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Tests.Constraints;

/// <summary>Generation under a constraint.</summary>
internal static class Constrained
{
    /// <summary>Any token that is allowed can be drawn.</summary>
    public static SamplingOptions Wild(int seed) => new() { DoSample = true, Temperature = 50, TopK = 0, TopP = 1, Seed = seed };

    /// <summary>Generates a text and checks that the model was stopped where the text is whole.</summary>
    public static string Text(
        VisionLanguageModel model, TextGrammar grammar, int tokens, SamplingOptions sampling, params ImageSelection[] images)
    {
        var constraint = model.CreateConstraint(grammar);
        var parts = images.Select(ChatPart (_, i) => new ImagePart(i)).Append(new TextPart("Answer.")).ToArray();
        var prompt = model.EncodePrompt(new ChatPrompt([new ChatTurn("user", parts)]), images);
        var sampler = new TokenSampler(sampling, model.EosTokenIds);
        using var decoding = model.Prefill(prompt, images, tokens, TestContext.Current.CancellationToken);
        var detokenizer = model.Tokenizer.CreateDetokenizer();
        var text = new StringBuilder();
        for (var remaining = tokens; remaining > 0 && !constraint.IsComplete; remaining--)
        {
            var id = sampler.Next(decoding.Logits, decoding.Sequence, decoding.PromptLength, constraint, remaining);
            constraint.Accept(id);
            if (model.EosTokenIds.Contains(id))
            {
                break;
            }

            text.Append(detokenizer.Append(id));
            if (remaining > 1)
            {
                decoding.Step(id, TestContext.Current.CancellationToken);
            }
        }

        text.Append(detokenizer.Flush());
        Assert.True(constraint.MayEnd, $"'{text}' is not whole.");
        return text.ToString();
    }
}
