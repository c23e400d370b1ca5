using System.Text.Json;
using ZoPrune.AI.Pruning;

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
        foreach (var image in PocketVlmAnswer.Pruned)
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
        foreach (var image in PocketVlmAnswer.Pruned)
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
        Assert.Equal(PocketVlmAnswer.Pruned.Sum(i => i.GetProperty("leads").EnumerateArray().TakeWhile(l => l.GetDouble() >= SafeLead).Count()), compared);
        Assert.True(compared > 40, $"Only {compared} picks could be compared.");
    }

    [Theory]
    [InlineData(PositionPolicy.Original, "original")]
    [InlineData(PositionPolicy.Compact, "compact")]
    public void Greedy_ids_with_the_reference_rows_equal_the_reference(PositionPolicy policy, string key)
    {
        var model = models.PocketVlm;
        var asked = 0;
        foreach (var image in PocketVlmAnswer.Pruned)
        {
            var kept = Golden.Ints(image.GetProperty("picks")).Order().ToArray();
            var selection = new ImageSelection(Encode(image), kept);
            foreach (var answer in PocketVlmAnswer.AnswersOf(image))
            {
                var prompt = model.EncodePrompt(answer.Prompt, [selection], policy);
                var expected = Golden.Ints(answer.Recorded.GetProperty(key).GetProperty("ids"));

                var ids = Generate.Ids(model, prompt, [selection], 64);

                Assert.Equal(expected, ids);
                asked++;
            }
        }

        Assert.Equal(280, asked);
    }

    private VisualTokens Encode(JsonElement image) => PocketVlmAnswer.Encode(models.PocketVlm, image.GetProperty("image").GetString()!);
}
