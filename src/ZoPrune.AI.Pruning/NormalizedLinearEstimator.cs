using System.Buffers;
using System.Numerics.Tensors;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// The sensitivity of a projector that is one affine map behind a normalisation, in closed form: the Frobenius norm of the Jacobian of both
/// together, <c>S_i = sqrt(‖J_i‖² / d_v)</c>. The map alone has the same sensitivity for every token; the normalisation has not, since it
/// divides by the length of the row and removes the direction of it.
/// </summary>
/// <remarks>
/// With <c>A = W diag(γ)</c>, <c>n</c> the normalised row and <c>r</c> what it was divided by, a root mean square norm gives
/// <c>‖J‖² = (‖A‖² − ‖A n‖²/d (2 − ‖n‖²/d)) / r²</c>; for a layer norm <c>‖A‖²</c> is less by <c>‖A 1‖²/d</c>. Normalised rows side by side
/// (pixel shuffle) add up; <c>d_v</c> is the width of them all. Needs <see cref="PrunableTokens.NormalizationInput"/>.
/// </remarks>
public sealed class NormalizedLinearEstimator : SensitivityEstimator
{
    /// <summary>Tokens that are looked at together: their rows stay in the second-level cache.</summary>
    private const int Tile = 16;

    private readonly NormalizedLinearWeights _weights;

    /// <summary>Estimates for the projector with these weights.</summary>
    /// <param name="weights">The weights; share one instance among estimators of a model.</param>
    public NormalizedLinearEstimator(NormalizedLinearWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _weights = weights;
    }

    /// <inheritdoc/>
    public override string Name => "normalized-linear";

    /// <inheritdoc/>
    public override float[] Estimate(PrunableTokens tokens, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        tokens.Validate();
        var input = tokens.NormalizationInput ?? throw new ArgumentException(
            "The sensitivity of normalisation and affine map needs the normalisation's inputs, and the tokens carry none.", nameof(tokens));
        var width = _weights.Blocks * _weights.Width;
        if (input.Rows > 0 && input.Width != width)
        {
            throw new ArgumentException(
                $"The normalisation's inputs have shape [{input.Rows}, {input.Width}], but {_weights.Blocks} rows of {_weights.Width} values make a token.",
                nameof(tokens));
        }

        FiniteCheck.Require(input, FiniteCheck.NormalizationInputs, tokens.Structural);
        var sensitivities = new float[input.Rows];
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        cancellationToken.ThrowIfCancellationRequested();
        Parallel.For(0, (input.Rows + Tile - 1) / Tile, options, tile => EstimateTile(input, tile * Tile, sensitivities));
        foreach (var row in tokens.Structural)
        {
            sensitivities[row] = 0;
        }

        FiniteCheck.Require(sensitivities, FiniteCheck.NormalizationInputs);
        return sensitivities;
    }

    private void EstimateTile(TokenMatrix input, int first, float[] sensitivities)
    {
        var (rows, d) = (Math.Min(Tile, input.Rows - first), _weights.Width);
        var stride = DotProduct.Align(d);
        var rented = ArrayPool<float>.Shared.Rent(Tile * stride);
        Span<double> totals = stackalloc double[Tile];
        Span<double> divisors = stackalloc double[Tile];
        Span<double> lengths = stackalloc double[Tile];
        Span<double> images = stackalloc double[Tile];
        totals.Clear();
        try
        {
            var normalized = rented.AsSpan(0, Tile * stride);
            for (var block = 0; block < _weights.Blocks; block++)
            {
                normalized.Clear();
                for (var row = 0; row < rows; row++)
                {
                    var target = normalized.Slice(row * stride, d);
                    input.Row(first + row).Slice(block * d, d).CopyTo(target);
                    (divisors[row], lengths[row]) = Normalize(target);
                }

                var part = _weights.BlockAt(block);
                SquaresOfImages(part.Matrix, normalized, stride, images);
                for (var row = 0; row < rows; row++)
                {
                    var share = lengths[row] / d;

                    // Rounding can push a vanishing square below zero.
                    totals[row] += Math.Max(part.Square - (images[row] / d * (2 - share)), 0) / divisors[row];
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }

        for (var row = 0; row < rows; row++)
        {
            sensitivities[first + row] = (float)Math.Sqrt(totals[row] / input.Width);
        }
    }

    /// <summary>Normalises a row in place.</summary>
    /// <returns>The square of what it was divided by, and the square of its length afterwards.</returns>
    private (double Divisor, double Length) Normalize(Span<float> row)
    {
        if (_weights.Kind == NormalizationKind.LayerNorm)
        {
            double sum = 0;
            foreach (var value in row)
            {
                sum += value;
            }

            TensorPrimitives.Subtract(row, (float)(sum / row.Length), row);
        }

        var square = DotProduct.InDouble(row, row);
        var divisor = (square / row.Length) + _weights.Epsilon;
        if (divisor == 0)
        {
            // A row without any length and nothing under the root: the map has no derivative there. NaN is reported by the caller.
            return (double.NaN, 0);
        }

        TensorPrimitives.Multiply(row, (float)(1 / Math.Sqrt(divisor)), row);
        return (divisor, square / divisor);
    }

    /// <summary>The squares ‖A n‖² of a tile of rows.</summary>
    private void SquaresOfImages(PaddedMatrix matrix, ReadOnlySpan<float> rows, int stride, Span<double> squares)
    {
        Span<double> sums = stackalloc double[8];
        squares.Clear();
        for (var output = 0; output < _weights.OutputWidth; output += 2)
        {
            for (var four = 0; four < Tile; four += 4)
            {
                DotProduct.TwoByFour(matrix.From(output), matrix.From(output + 1), rows[(four * stride)..], stride, matrix.Stride, sums);
                for (var k = 0; k < 4; k++)
                {
                    squares[four + k] += (sums[k] * sums[k]) + (sums[4 + k] * sums[4 + k]);
                }
            }
        }
    }
}
