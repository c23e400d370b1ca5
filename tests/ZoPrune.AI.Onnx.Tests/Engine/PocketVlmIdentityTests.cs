using System.Text.Json;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Unpruned, the bundled model answers every one of the 700 questions with the very ids of ONNX Runtime GenAI 0.18.</summary>
public sealed class PocketVlmIdentityTests(ZooModels models) : IClassFixture<ZooModels>
{
    [Fact]
    public void Prompt_lengths_and_greedy_ids_of_700_questions_equal_those_of_GenAI()
    {
        using var goldens = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("pocket-vlm", "goldens.json")));
        var model = models.PocketVlm;
        var asked = 0;
        foreach (var picture in goldens.RootElement.GetProperty("answers").EnumerateArray().GroupBy(a => a.GetProperty("image").GetString()!))
        {
            var image = ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", picture.Key)));
            foreach (var answer in picture)
            {
                var question = answer.GetProperty("question").GetString()!;
                var prompt = model.EncodePrompt(
                    new ChatPrompt([new ChatTurn("user", [new ImagePart(0), new TextPart(question)])]), [image]);

                Assert.Equal(answer.GetProperty("prompt_length").GetInt32(), prompt.Length);
                Assert.Equal(prompt.InputIds, model.EncodeRendered(answer.GetProperty("prompt").GetString()!, [image], PositionPolicy.Auto).InputIds);

                var ids = Generate.Ids(model, prompt, [image], 64);

                Assert.Equal(Golden.Ints(answer.GetProperty("ids")), ids);
                asked++;
            }
        }

        Assert.Equal(700, asked);
    }
}
