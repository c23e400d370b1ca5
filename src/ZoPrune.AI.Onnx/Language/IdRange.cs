namespace ZoPrune.AI.Onnx.Language;

/// <summary>Token ids from one to another, both included.</summary>
/// <param name="From">The first; minus infinity: there is none.</param>
/// <param name="To">The last; infinity: there is none.</param>
internal readonly record struct IdRange(double From, double To)
{
    public bool Contains(int id) => id >= From && id <= To;
}
