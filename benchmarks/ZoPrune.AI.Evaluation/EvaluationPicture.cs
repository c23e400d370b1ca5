namespace ZoPrune.AI.Evaluation;

internal sealed record EvaluationPicture(string Name, byte[] Bytes, IReadOnlyList<EvaluationQuestion> Questions);
