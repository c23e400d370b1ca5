using System.Buffers;
using System.Numerics.Tensors;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// The zeroth-order estimate of arXiv 2509.24837: <c>S_i = mean_j ‖P(v_i + h u_j) − P(v_i − h u_j)‖₂ / (2h)</c> over m unit directions
/// <c>u_j</c> that all tokens share. Works for any projector, at the price of 2m projector passes per token.
/// </summary>
/// <remarks>
/// Needs <see cref="PrunableTokens.ProjectorInput"/>. Perturbation and projector are float32, distances and means double. Differences
/// of float32 outputs carry rounding noise of about <c>6e-8 ‖P(v)‖ / h</c>: a much smaller step, or a projector of lower precision,
/// measures noise. Sensitivities that all lie within four times that noise (those of a linear projector do) are not told apart: each
/// is set to their mean. Directions are standard normal, normalised, from the seed alone (SplitMix64, polar method).
/// </remarks>
public sealed class ZerothOrderEstimator : SensitivityEstimator
{
    // Half a unit in the last place of a float32, times a few for the sums inside the projector.
    private const double OutputNoise = 4.0 / (1 << 24);

    private readonly ProjectorFunction _projector;
    private readonly int _outputWidth;
    private readonly TokenMatrix _directions;
    private readonly ZerothOrderOptions _options;

    /// <summary>Estimates with seeded random directions.</summary>
    /// <param name="projector">
    /// The projector; called with at most <see cref="ZerothOrderOptions.MaxBatchRows"/> rows, and by several threads if the estimator is.
    /// </param>
    /// <param name="inputWidth">The vision width d_v.</param>
    /// <param name="outputWidth">The text width d_t.</param>
    /// <param name="options">Options, or null for the published ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">A width or an option is out of range.</exception>
    public ZerothOrderEstimator(ProjectorFunction projector, int inputWidth, int outputWidth, ZerothOrderOptions? options = null)
        : this(projector, RandomDirections(inputWidth, options ??= new ZerothOrderOptions()), outputWidth, options)
    {
    }

    private ZerothOrderEstimator(ProjectorFunction projector, TokenMatrix directions, int outputWidth, ZerothOrderOptions options)
    {
        ArgumentNullException.ThrowIfNull(projector);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputWidth);
        (_projector, _directions, _outputWidth, _options) = (projector, directions, outputWidth, options);
    }

    /// <inheritdoc/>
    public override string Name => "zeroth-order";

    /// <summary>Estimates with given directions, to repeat a recorded run.</summary>
    /// <param name="projector">The projector.</param>
    /// <param name="directions">The directions, [m, d_v]; used as they are, hence normally of length one.</param>
    /// <param name="outputWidth">The text width d_t.</param>
    /// <param name="options">Step and batch size, or null for the published ones.</param>
    /// <exception cref="ArgumentException">There are no directions, or they are not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A width or an option is out of range.</exception>
    public static ZerothOrderEstimator WithDirections(
        ProjectorFunction projector, TokenMatrix directions, int outputWidth, ZerothOrderOptions? options = null)
    {
        options ??= new ZerothOrderOptions();
        options.Validate();
        if (directions.Rows == 0)
        {
            throw new ArgumentException("At least one direction is needed.", nameof(directions));
        }

        FiniteCheck.Require(directions, "directions", []);
        return new ZerothOrderEstimator(projector, directions, outputWidth, options);
    }

    /// <inheritdoc/>
    public override float[] Estimate(PrunableTokens tokens, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        tokens.Validate();
        var input = tokens.ProjectorInput ?? throw new ArgumentException(
            "The zeroth-order estimate needs the projector's inputs, and the tokens carry none.", nameof(tokens));
        if (input.Rows > 0 && input.Width != _directions.Width)
        {
            throw new ArgumentException(
                $"The projector inputs have shape [{input.Rows}, {input.Width}], but the projector takes width {_directions.Width}.",
                nameof(tokens));
        }

        FiniteCheck.Require(input, FiniteCheck.ProjectorInputs, tokens.Structural);
        var rows = Enumerable.Range(0, input.Rows).Except(tokens.Structural).ToArray();
        var sums = new double[rows.Length];
        var longest = Accumulate(input, rows, sums, cancellationToken);
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] /= _directions.Rows * 2.0 * _options.Step;
        }

        var constant = sums.Length > 0 && sums.Max() - sums.Min() <= OutputNoise * longest / (2 * _options.Step);
        var mean = constant ? sums.Average() : double.NaN;
        var sensitivities = new float[input.Rows];
        for (var i = 0; i < rows.Length; i++)
        {
            sensitivities[rows[i]] = (float)(constant ? mean : sums[i]);
        }

        FiniteCheck.Require(sensitivities, FiniteCheck.ProjectorOutputs);
        return sensitivities;
    }

    private static TokenMatrix RandomDirections(int width, ZerothOrderOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        options.Validate();
        var random = new DeterministicRandom(options.Seed);
        var values = new float[checked(options.Directions * width)];
        var direction = new double[width];
        for (var j = 0; j < options.Directions; j++)
        {
            double square;
            do
            {
                square = 0;
                for (var i = 0; i < width; i++)
                {
                    direction[i] = random.NextGaussian();
                    square += direction[i] * direction[i];
                }
            }
            while (square == 0);
            var length = Math.Sqrt(square);
            for (var i = 0; i < width; i++)
            {
                values[(j * width) + i] = (float)(direction[i] / length);
            }
        }

        return new TokenMatrix(values, options.Directions, width);
    }

    /// <summary>
    /// Adds up ‖P(v_i + h u_j) − P(v_i − h u_j)‖ over j, for the pairs (i, j) in direction-major order, a batch at a time.
    /// </summary>
    /// <returns>The length of the longest projected row, near enough.</returns>
    private double Accumulate(TokenMatrix input, int[] rows, double[] sums, CancellationToken cancellationToken)
    {
        var width = _directions.Width;
        var pairs = (long)rows.Length * _directions.Rows;
        var capacity = (int)Math.Min(
            Math.Min(pairs, _options.MaxBatchRows / 2), Math.Max(1, Array.MaxLength / 2 / Math.Max(width, _outputWidth)));
        var perturbed = ArrayPool<float>.Shared.Rent(2 * capacity * width);
        var projected = ArrayPool<float>.Shared.Rent(2 * capacity * _outputWidth);
        var step = new float[width];
        try
        {
            var direction = -1;
            var longest = 0.0;
            for (long start = 0; start < pairs; start += capacity)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = (int)Math.Min(capacity, pairs - start);
                for (var k = 0; k < count; k++)
                {
                    var (j, i) = Math.DivRem(start + k, rows.Length);
                    if (j != direction)
                    {
                        direction = (int)j;
                        TensorPrimitives.Multiply(_directions.Row(direction), _options.Step, step);
                    }

                    var row = input.Row(rows[i]);
                    TensorPrimitives.Add(row, step, perturbed.AsSpan(k * width, width));
                    TensorPrimitives.Subtract(row, step, perturbed.AsSpan((count + k) * width, width));
                }

                var output = projected.AsSpan(0, 2 * count * _outputWidth);
                _projector(perturbed.AsSpan(0, 2 * count * width), 2 * count, output);
                for (var k = 0; k < count; k++)
                {
                    var plus = output.Slice(k * _outputWidth, _outputWidth);
                    var minus = output.Slice((count + k) * _outputWidth, _outputWidth);
                    sums[(int)((start + k) % rows.Length)] += Math.Sqrt(DotProduct.SquaredDistance(plus, minus));
                    if (start + k < rows.Length)
                    {
                        longest = Math.Max(longest, Math.Sqrt(DotProduct.InDouble(plus, plus)));
                    }
                }
            }

            return longest;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(perturbed);
            ArrayPool<float>.Shared.Return(projected);
        }
    }
}
