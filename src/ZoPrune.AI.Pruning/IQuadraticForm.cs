namespace ZoPrune.AI.Pruning;

/// <summary><c>gᵀ M g</c> of a projector's slopes, in one arithmetic or another.</summary>
internal interface IQuadraticForm
{
    /// <summary>Rows that are worked on together.</summary>
    int Tile { get; }

    /// <summary>Rows come in multiples of this.</summary>
    int Group { get; }

    /// <summary>Columns are read in multiples of this.</summary>
    int Columns { get; }

    /// <summary>
    /// <c>gᵀ M g</c> for each of <paramref name="count"/> rows of <paramref name="g"/>, a multiple of <see cref="Group"/>; <paramref name="stride"/>
    /// is at least the size of the matrix rounded up to <see cref="Columns"/>, and columns behind the size are zero.
    /// </summary>
    void Evaluate(ReadOnlySpan<float> g, int stride, int count, Span<double> results);
}
