namespace ZoPrune.AI.Onnx.Folders;

/// <summary>
/// How the runs of a session use its threads. Threads that have nothing to do wait for more, spinning: the next stage misses their cores.
/// </summary>
internal enum ThreadUse
{
    /// <summary>A run now and then: threads spin within runs, and stop behind them.</summary>
    Apart,

    /// <summary>One run behind another, token by token: threads go on spinning, since to wake them takes longer than they wait.</summary>
    InRow,

    /// <summary>Rows are looked up: one thread does that, without others that wait.</summary>
    Lookup,
}
