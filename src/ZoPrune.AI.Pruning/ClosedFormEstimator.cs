using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// The limit of the zeroth-order estimate for many directions and small steps, up to a constant: the Frobenius norm of the projector's
/// Jacobian, <c>S_i = sqrt(g_iᵀ M g_i / d_v)</c> with <c>g_i = σ'(W1 v_i + b1)</c> and <c>M = (W2ᵀW2) ∘ (W1W1ᵀ)</c>. No randomness, one
/// matrix product per image, and not disturbed by the noise of a quantised projector.
/// </summary>
/// <remarks>
/// Needs <see cref="PrunableTokens.PreActivation"/> or, failing that, <see cref="PrunableTokens.ProjectorInput"/>. The first call on given
/// weights makes M: about hidden² (d_v + d_t) / 2 multiplications. <see cref="ClosedFormArithmetic"/> says what the form is computed in.
/// </remarks>
public sealed class ClosedFormEstimator : SensitivityEstimator
{
    // Below this many multiplications starting other threads costs more than it gains.
    private const long WorthParallel = 4_000_000;

    // Narrower forms are not the cost of a call, whatever they are computed in.
    private const int WorthRounding = 512;

    // Usual widths are multiples of 1024: without this all rows of a tile would fall on the same lines of the first-level cache.
    private static readonly int Skew = DotProduct.Alignment;

    private readonly ProjectorWeights _weights;

    /// <summary>Estimates for the projector with these weights.</summary>
    /// <param name="weights">The weights; share one instance among estimators of a model.</param>
    public ClosedFormEstimator(ProjectorWeights weights)
        : this(weights, ClosedFormArithmetic.Auto)
    {
    }

    /// <summary>Estimates for the projector with these weights.</summary>
    /// <param name="weights">The weights; share one instance among estimators of a model.</param>
    /// <param name="arithmetic">What the quadratic form is computed in.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such arithmetic.</exception>
    public ClosedFormEstimator(ProjectorWeights weights, ClosedFormArithmetic arithmetic)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _weights = weights;
        Arithmetic = arithmetic switch
        {
            ClosedFormArithmetic.Auto => RoundedQuadraticForm.IsFast && weights.HiddenWidth >= WorthRounding
                ? ClosedFormArithmetic.EightBit
                : ClosedFormArithmetic.Exact,
            ClosedFormArithmetic.Exact or ClosedFormArithmetic.EightBit => arithmetic,
            _ => throw new ArgumentOutOfRangeException(nameof(arithmetic), arithmetic, "Unknown arithmetic."),
        };
    }

    /// <summary>What the quadratic form is computed in; never <see cref="ClosedFormArithmetic.Auto"/>.</summary>
    public ClosedFormArithmetic Arithmetic { get; }

    /// <inheritdoc/>
    public override string Name => Arithmetic == ClosedFormArithmetic.EightBit ? "closed-form-8-bit" : "closed-form";

    /// <inheritdoc/>
    public override float[] Estimate(PrunableTokens tokens, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        tokens.Validate();
        var (source, given) = SourceOf(tokens);
        cancellationToken.ThrowIfCancellationRequested();
        IQuadraticForm form = Arithmetic == ClosedFormArithmetic.EightBit ? _weights.RoundedForm : _weights.Form;
        var sensitivities = new float[source.Rows];
        ForTiles(source.Rows, form.Tile, first => EstimateTile(form, source, given, first, sensitivities), cancellationToken);

        foreach (var row in tokens.Structural)
        {
            sensitivities[row] = 0;
        }

        // EstimateTile leaves NaN where inputs are not finite, or finite ones overflow on the way.
        if (!TensorPrimitives.IsFiniteAll<float>(sensitivities))
        {
            FiniteCheck.Require(source, given ? FiniteCheck.PreActivations : FiniteCheck.ProjectorInputs, tokens.Structural);
            FiniteCheck.Require(sensitivities, given ? FiniteCheck.Sensitivities : FiniteCheck.PreActivations);
        }

        return sensitivities;
    }

    private (TokenMatrix Source, bool IsPreActivation) SourceOf(PrunableTokens tokens)
    {
        var (source, width, name) = tokens.PreActivation is { } pre
            ? (pre, _weights.HiddenWidth, FiniteCheck.PreActivations)
            : tokens.ProjectorInput is { } input
                ? (input, _weights.InputWidth, FiniteCheck.ProjectorInputs)
                : throw new ArgumentException(
                    "The closed form needs the projector's pre-activations or its inputs, and the tokens carry neither.", nameof(tokens));
        if (source.Rows > 0 && source.Width != width)
        {
            throw new ArgumentException(
                $"The {name} have shape [{source.Rows}, {source.Width}], but the projector's weights need width {width}.", nameof(tokens));
        }

        return (source, tokens.PreActivation is not null);
    }

    private void ForTiles(int rows, int tile, Action<int> work, CancellationToken cancellationToken)
    {
        var tiles = (rows + tile - 1) / tile;
        if (rows * (long)_weights.HiddenWidth * _weights.HiddenWidth >= WorthParallel)
        {
            Parallel.For(0, tiles, new ParallelOptions { CancellationToken = cancellationToken }, number => work(number * tile));
            return;
        }

        for (var first = 0; first < rows; first += tile)
        {
            cancellationToken.ThrowIfCancellationRequested();
            work(first);
        }
    }

    // Rounding can push a vanishing square below zero.
    private float Root(double square) => (float)Math.Sqrt(Math.Max(square, 0) / _weights.InputWidth);

    private void EstimateTile(IQuadraticForm form, TokenMatrix source, bool isPreActivation, int first, float[] sensitivities)
    {
        var rows = Math.Min(form.Tile, source.Rows - first);
        var evaluated = (rows + form.Group - 1) / form.Group * form.Group;
        var padded = PaddedMatrix.RoundToFour(evaluated);
        var stride = ((_weights.HiddenWidth + form.Columns - 1) / form.Columns * form.Columns) + Skew;
        var rented = ArrayPool<float>.Shared.Rent(padded * stride);
        try
        {
            var g = rented.AsSpan(0, padded * stride);
            Span<bool> finite = stackalloc bool[rows];
            Slopes(source, isPreActivation, first, rows, g, stride, finite);
            Span<double> squares = stackalloc double[padded];
            form.Evaluate(g, stride, evaluated, squares);
            for (var row = 0; row < rows; row++)
            {
                sensitivities[first + row] = finite[row] ? Root(squares[row]) : float.NaN;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>The slopes of some tokens, and whether what they were taken of is finite.</summary>
    private void Slopes(
        TokenMatrix source, bool isPreActivation, int first, int rows, Span<float> g, int stride, Span<bool> finite)
    {
        g.Clear();
        var hidden = _weights.HiddenWidth;
        if (isPreActivation)
        {
            for (var row = 0; row < rows; row++)
            {
                var values = g.Slice(row * stride, hidden);
                source.Row(first + row).CopyTo(values);
                if (_weights is { PreActivationsLackBias: true, B1: { } bias })
                {
                    TensorPrimitives.Add(values, bias.Span, values);
                }
            }
        }
        else
        {
            PreActivate(source, first, rows, g, stride);
        }

        for (var row = 0; row < rows; row++)
        {
            var values = g.Slice(row * stride, hidden);
            finite[row] = ActivationDerivative.Apply(_weights.Activation, values);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PreActivate(TokenMatrix source, int first, int rows, Span<float> result, int stride)
    {
        var w1 = _weights.PaddedW1;
        var bias = _weights.B1 is { } b1 ? b1.Span : default;
        var padded = PaddedMatrix.RoundToFour(rows);
        var inputStride = w1.Stride + Skew;
        var rented = ArrayPool<float>.Shared.Rent(padded * inputStride);
        try
        {
            var input = rented.AsSpan(0, padded * inputStride);
            input.Clear();
            for (var row = 0; row < rows; row++)
            {
                source.Row(first + row).CopyTo(input[(row * inputStride)..]);
            }

            Span<double> sums = stackalloc double[16];
            for (var unit = 0; unit < _weights.HiddenWidth; unit += 4)
            {
                for (var four = 0; four < padded; four += 4)
                {
                    DotProduct.FourByFour(w1.From(unit), w1.Stride, input[(four * inputStride)..], inputStride, w1.Stride, sums);
                    for (var k = 0; k < 16; k++)
                    {
                        var at = unit + (k / 4);
                        if (at < _weights.HiddenWidth)
                        {
                            result[((four + (k % 4)) * stride) + at] = (float)(sums[k] + (bias.IsEmpty ? 0 : bias[at]));
                        }
                    }
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }
}
