using System.Text.Json;

namespace ZoPrune.AI.Evaluation;

/// <summary>The 700 questions about 100 pictures that come with PocketVLM.</summary>
internal sealed record EvaluationSet(IReadOnlyList<EvaluationPicture> Pictures)
{
    public static EvaluationSet Load()
    {
        var folder = Path.Combine(Repository.Root, "tests", "data", "pocket-vlm", "eval");
        var questions = File.ReadLines(Path.Combine(folder, "questions.jsonl")).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            return (Image: root.GetProperty("image").GetString()!, Question: new EvaluationQuestion(
                root.GetProperty("kind").GetString()!, root.GetProperty("question").GetString()!, root.GetProperty("answer").GetString()!));
        });
        return new EvaluationSet([.. questions
            .GroupBy(q => q.Image, q => q.Question)
            .Select(g => new EvaluationPicture(g.Key, File.ReadAllBytes(Path.Combine(folder, g.Key)), [.. g]))]);
    }
}
