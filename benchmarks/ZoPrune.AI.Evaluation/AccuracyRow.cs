using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Evaluation;

/// <summary>A line of the table: a rule and its share of right answers by budget and policy, in percent.</summary>
internal sealed record AccuracyRow(string Name, Func<int, PositionPolicy, double> Percent);
