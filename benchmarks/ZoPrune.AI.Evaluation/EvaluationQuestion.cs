namespace ZoPrune.AI.Evaluation;

internal sealed record EvaluationQuestion(string Kind, string Question, string Answer);
