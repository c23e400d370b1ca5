using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Generation;

/// <summary>The bundled model by GenAI: unpruned as recorded of GenAI itself, pruned as a reference in PyTorch answered.</summary>
public sealed class PocketVlmGenerationTests(GenAIModels models) : IClassFixture<GenAIModels>
{
    [Fact]
    public void All_700_answers_without_pruning_are_those_that_were_recorded()
    {
        GenAI.SkipIfAbsent();
        var model = models.PocketVlm;
        var asked = 0;
        foreach (var picture in PocketVlmAnswer.Unpruned.GroupBy(a => a.Picture))
        {
            var image = ImageSelection.All(PocketVlmAnswer.Encode(model, picture.Key));
            foreach (var answer in picture)
            {
                AssertRecorded(answer.Recorded.GetProperty("ids"), image, answer, model);
                asked++;
            }
        }

        Assert.Equal(700, asked);
    }

    [Fact]
    public void All_280_answers_from_64_rows_are_those_of_the_reference()
    {
        GenAI.SkipIfAbsent();
        var model = models.PocketVlm;
        var asked = 0;
        foreach (var picture in PocketVlmAnswer.Pruned)
        {
            int[] kept = [.. Golden.Ints(picture.GetProperty("picks")).Order()];
            var image = new ImageSelection(PocketVlmAnswer.Encode(model, picture.GetProperty("image").GetString()!), kept);
            Assert.Equal(64, kept.Length);
            foreach (var answer in PocketVlmAnswer.AnswersOf(picture))
            {
                AssertRecorded(answer.Recorded.GetProperty("compact").GetProperty("ids"), image, answer, model);
                asked++;
            }
        }

        Assert.Equal(280, asked);
    }

    private static void AssertRecorded(
        System.Text.Json.JsonElement expected, ImageSelection image, PocketVlmAnswer answer, VisionLanguageModel model)
    {
        var prompt = model.EncodePrompt(answer.Prompt, [image]);

        var ids = Answers.Choose(model, prompt, [image], 64, model.DefaultSampling, out var languageModel);

        Assert.Equal("OnnxRuntimeGenAI", languageModel);
        Assert.Equal(Golden.Ints(expected), ids);
    }
}
