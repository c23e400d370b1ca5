namespace ZoPrune.AI.Pruning;

/// <summary>What the quadratic form of <see cref="ClosedFormEstimator"/> is computed in.</summary>
public enum ClosedFormArithmetic
{
    /// <summary>
    /// <see cref="EightBit"/> where the processor has an instruction for it (AVX-VNNI) and the projector is at least 512 hidden units
    /// wide, else <see cref="Exact"/>.
    /// </summary>
    Auto,

    /// <summary>Float32 products with sums in double: exact to about 1e-6.</summary>
    Exact,

    /// <summary>
    /// The products of different hidden units in eight bits, the rest in float32: several times as fast, and slow where the instruction is
    /// missing. On random weights and on a small learned projector tokens rank alike (Spearman above 0.9999), and on average more than 99 of
    /// 100 kept ones are the same (benchmarks/results/end-to-end.md); where two scores are all but equal, one picture's selection can go
    /// another way.
    /// </summary>
    EightBit,
}
