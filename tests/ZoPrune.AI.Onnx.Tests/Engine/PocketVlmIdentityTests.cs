namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Unpruned, the bundled model answers every one of the 700 questions with the very ids of ONNX Runtime GenAI 0.18.</summary>
public sealed class PocketVlmIdentityTests(ZooModels models) : IClassFixture<ZooModels>
{
    [Fact]
    public void Prompt_lengths_and_greedy_ids_of_700_questions_equal_those_of_GenAI()
    {
        var model = models.PocketVlm;
        var asked = 0;
        foreach (var picture in PocketVlmAnswer.Unpruned.GroupBy(a => a.Picture))
        {
            var image = ImageSelection.All(PocketVlmAnswer.Encode(model, picture.Key));
            foreach (var answer in picture)
            {
                var prompt = model.EncodePrompt(answer.Prompt, [image]);

                Assert.Equal(answer.Recorded.GetProperty("prompt_length").GetInt32(), prompt.Length);
                Assert.Equal(
                    prompt.InputIds,
                    model.EncodeRendered(answer.Recorded.GetProperty("prompt").GetString()!, [image], PositionPolicy.Auto).InputIds);

                var ids = Generate.Ids(model, prompt, [image], 64);

                Assert.Equal(Golden.Ints(answer.Recorded.GetProperty("ids")), ids);
                asked++;
            }
        }

        Assert.Equal(700, asked);
    }
}
