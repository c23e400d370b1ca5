namespace ZoPrune.AI.Onnx.Text;

/// <summary>The token ids of a list of prompt segments.</summary>
/// <param name="Ids">All token ids, in order.</param>
/// <param name="TokenRunStarts">For each <see cref="PromptSegmentKind.Tokens"/> segment, in order, the index in <paramref name="Ids"/>
/// of its first id.</param>
public sealed record EncodedText(int[] Ids, int[] TokenRunStarts);
