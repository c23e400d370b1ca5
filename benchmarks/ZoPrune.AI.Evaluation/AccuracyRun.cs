using System.Collections.Concurrent;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Evaluation;

/// <summary>Asks every question under every rule, budget and position policy, and counts exactly right answers.</summary>
internal sealed class AccuracyRun(VisionLanguageModel model, EvaluationSet set)
{
    /// <summary>The longest answer of the set has 44 tokens.</summary>
    private const int MaxNewTokens = 64;

    /// <summary>Right answers by rule, budget, policy, picture and question.</summary>
    public ConcurrentDictionary<(string Rule, int Tokens, PositionPolicy Policy), ConcurrentDictionary<(string Picture, int Question), bool>> Answers { get; } = new();

    public void Ask(IReadOnlyList<PruningRule> rules, IReadOnlyList<int> budgets, IReadOnlyList<PositionPolicy> policies)
    {
        var done = 0;
        Parallel.For(0, set.Pictures.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, number =>
        {
            var picture = set.Pictures[number];
            var image = model.ProcessImage(ImageDecoder.Decode(picture.Bytes, new ImageLimits(), picture.Name));
            var tokens = model.EncodeImage(image);
            foreach (var rule in rules)
            {
                foreach (var budget in budgets)
                {
                    var selection = new ImageSelection(tokens, rule.Create(model, budget, number).Prune(tokens.Tokens, CancellationToken.None).Kept);
                    foreach (var policy in policies)
                    {
                        Ask(picture, selection, policy, Answers.GetOrAdd((rule.Name, budget, policy), _ => new()));
                    }
                }
            }

            Console.Error.Write($"\r{Interlocked.Increment(ref done)} of {set.Pictures.Count} pictures ");
        });
        Console.Error.WriteLine();
    }

    /// <summary>The share of right answers, in percent.</summary>
    public double Percent(string rule, int tokens, PositionPolicy policy, Func<string, bool>? pictures = null, Func<EvaluationQuestion, bool>? kinds = null)
    {
        var questions = set.Pictures.ToDictionary(p => p.Name, p => p.Questions);
        var answers = Answers[(rule, tokens, policy)]
            .Where(a => (pictures is null || pictures(a.Key.Picture)) && (kinds is null || kinds(questions[a.Key.Picture][a.Key.Question])))
            .ToArray();
        return 100.0 * answers.Count(a => a.Value) / answers.Length;
    }

    private void Ask(
        EvaluationPicture picture, ImageSelection selection, PositionPolicy policy, ConcurrentDictionary<(string Picture, int Question), bool> answers)
    {
        for (var i = 0; i < picture.Questions.Count; i++)
        {
            var question = picture.Questions[i];
            var prompt = model.EncodePrompt(new ChatPrompt([new ChatTurn("user", [new ImagePart(0), new TextPart(question.Question)])]), [selection], policy);
            answers[(picture.Name, i)] = Greedy(prompt, selection) == question.Answer;
        }
    }

    private string Greedy(EncodedPrompt prompt, ImageSelection selection)
    {
        using var decoding = model.Prefill(prompt, [selection], MaxNewTokens);
        var text = model.Tokenizer.CreateDetokenizer();
        var answer = "";
        for (var i = 0; i < MaxNewTokens; i++)
        {
            var id = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(decoding.Logits);
            if (model.EosTokenIds.Contains(id))
            {
                break;
            }

            answer += text.Append(id);
            decoding.Step(id);
        }

        return answer + text.Flush();
    }
}
