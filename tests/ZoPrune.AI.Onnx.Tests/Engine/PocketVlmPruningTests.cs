using System.Text.Json;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Closed form and SADS on the bundled model against an independent reference (PyTorch).</summary>
public sealed class PocketVlmPruningTests(ZooModels models) : IClassFixture<ZooModels>
{
    private const int Kept = 64;

    /// <summary>The reference's own note: behind a lead below this the order of picks may differ.</summary>
    private const double SafeLead = 1e-4;

    [Fact]
    public void Sensitivities_of_40_pictures_equal_the_reference_to_1e_4()
    {
        var estimator = models.PocketVlm.CreateEstimator(SensitivityMethod.ClosedForm)!;
        foreach (var image in Images())
        {
            var expected = image.GetProperty("sensitivity").EnumerateArray().Select(s => s.GetDouble()).ToArray();

            var sensitivity = estimator.Estimate(Encode(image).Tokens, TestContext.Current.CancellationToken);

            Assert.Equal(expected.Length, sensitivity.Length);
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.Equal(1, sensitivity[i] / expected[i], 1e-4);
            }
        }
    }

    [Fact]
    public void Picks_equal_the_reference_up_to_the_first_small_lead()
    {
        var pruner = new TokenPruner(
            models.PocketVlm.CreateEstimator(SensitivityMethod.ClosedForm), new SadsSelector(SadsOptions.Published), new TokenBudget { Count = Kept });
        var compared = 0;
        foreach (var image in Images())
        {
            var leads = image.GetProperty("leads").EnumerateArray().Select(l => l.GetDouble()).ToArray();
            var safe = Array.FindIndex(leads, l => l < SafeLead);
            safe = safe < 0 ? leads.Length : safe;

            var picks = pruner.Prune(Encode(image).Tokens, TestContext.Current.CancellationToken).Report.PickOrder;

            Assert.Equal(Kept, picks.Count);
            Assert.Equal(Golden.Ints(image.GetProperty("picks")).Take(safe), picks.Take(safe));
            compared += safe;
        }

        // The leads in the file allow this many; a loop over nothing must not pass.
        Assert.Equal(Images().Sum(i => i.GetProperty("leads").EnumerateArray().TakeWhile(l => l.GetDouble() >= SafeLead).Count()), compared);
        Assert.True(compared > 40, $"Only {compared} picks could be compared.");
    }

    [Theory]
    [InlineData(PositionPolicy.Original, "original")]
    [InlineData(PositionPolicy.Compact, "compact")]
    public void Greedy_ids_with_the_reference_rows_equal_the_reference(PositionPolicy policy, string key)
    {
        var model = models.PocketVlm;
        var asked = 0;
        foreach (var image in Images())
        {
            var kept = Golden.Ints(image.GetProperty("picks")).Order().ToArray();
            var selection = new ImageSelection(Encode(image), kept);
            foreach (var answer in image.GetProperty("answers").EnumerateArray())
            {
                var question = answer.GetProperty("question").GetString()!;
                var prompt = model.EncodePrompt(
                    new ChatPrompt([new ChatTurn("user", [new ImagePart(0), new TextPart(question)])]), [selection], policy);
                var expected = Golden.Ints(answer.GetProperty(key).GetProperty("ids"));

                var ids = Generate.Ids(model, prompt, [selection], 64);

                Assert.Equal(expected, ids);
                asked++;
            }
        }

        Assert.Equal(280, asked);
    }

    private static List<JsonElement> Images()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("pocket-vlm", "pruned.json")));
        return [.. document.RootElement.GetProperty("images").Clone().EnumerateArray()];
    }

    private VisualTokens Encode(JsonElement image) =>
        ZooModels.Encode(models.PocketVlm, TestData.PathTo("pocket-vlm", "eval", image.GetProperty("image").GetString()!));
}
