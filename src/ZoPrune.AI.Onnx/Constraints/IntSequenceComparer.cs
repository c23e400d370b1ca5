using System.Diagnostics.CodeAnalysis;

namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>Arrays of numbers are equal if their numbers are.</summary>
internal sealed class IntSequenceComparer : IEqualityComparer<int[]>
{
    public static IntSequenceComparer Instance { get; } = new();

    public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] int[] obj)
    {
        var hash = new HashCode();
        foreach (var value in obj)
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
