using System.Numerics.Tensors;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// The weights of a projector that is one affine map behind a normalisation: <c>P(x) = W [γ n(x_1); …; γ n(x_B)] + c</c>. A token is made
/// of B normalised rows side by side (B = 1 without a pixel shuffle or patch merge). Instances are thread-safe and meant to be shared.
/// </summary>
public sealed class NormalizedLinearWeights
{
    private readonly Lazy<Block[]> _blocks;

    /// <summary>Takes the weights of a projector.</summary>
    /// <param name="matrix">
    /// The map, [<paramref name="outputWidth"/>, <paramref name="blocks"/> · <paramref name="width"/>] row-major. Its bias does not matter.
    /// </param>
    /// <param name="gain">
    /// The gain γ [<paramref name="width"/>] of the normalisation (as it is multiplied: 1 + w where the model adds 1), or null. Its
    /// bias does not matter.
    /// </param>
    /// <param name="width">How many values are normalised together.</param>
    /// <param name="blocks">How many normalised rows make a token.</param>
    /// <param name="outputWidth">The text width d_t.</param>
    /// <param name="kind">Which normalisation.</param>
    /// <param name="epsilon">What is added to the mean square, or to the variance, under the root.</param>
    /// <exception cref="ArgumentOutOfRangeException">A width is not positive, ε is negative or not finite, or the kind is
    /// unknown.</exception>
    /// <exception cref="ArgumentException">A tensor has the wrong number of values, or values that are not finite.</exception>
    public NormalizedLinearWeights(
        ReadOnlyMemory<float> matrix,
        ReadOnlyMemory<float>? gain,
        int width,
        int blocks,
        int outputWidth,
        NormalizationKind kind,
        float epsilon)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blocks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputWidth);
        if (!(epsilon >= 0 && float.IsFinite(epsilon)))
        {
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "Must be finite and not negative.");
        }

        if (!Enum.IsDefined(kind))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown normalisation.");
        }

        gain = gain is { IsEmpty: false } ? gain : null;
        Require(matrix, nameof(matrix), (long)outputWidth * blocks * width);
        if (gain is { } given)
        {
            Require(given, nameof(gain), width);
        }

        (Matrix, Gain, Width, Blocks, OutputWidth, Kind, Epsilon) = (matrix, gain, width, blocks, outputWidth, kind, epsilon);
        _blocks = new Lazy<Block[]>(() => [.. Enumerable.Range(0, Blocks).Select(MakeBlock)]);
    }

    /// <summary>The map, [d_t, blocks · width].</summary>
    public ReadOnlyMemory<float> Matrix { get; }

    /// <summary>The gain of the normalisation, [width], or null.</summary>
    public ReadOnlyMemory<float>? Gain { get; }

    /// <summary>How many values are normalised together.</summary>
    public int Width { get; }

    /// <summary>How many normalised rows make a token.</summary>
    public int Blocks { get; }

    /// <summary>The text width d_t.</summary>
    public int OutputWidth { get; }

    /// <summary>Which normalisation.</summary>
    public NormalizationKind Kind { get; }

    /// <summary>What is added under the root.</summary>
    public float Epsilon { get; }

    internal Block BlockAt(int index) => _blocks.Value[index];

    private Block MakeBlock(int index)
    {
        var part = new float[OutputWidth * Width];
        double square = 0, along = 0;
        for (var row = 0; row < OutputWidth; row++)
        {
            var values = part.AsSpan(row * Width, Width);
            Matrix.Span.Slice(((row * Blocks) + index) * Width, Width).CopyTo(values);
            if (Gain is { } gain)
            {
                TensorPrimitives.Multiply(values, gain.Span, values);
            }

            square += DotProduct.InDouble(values, values);
            double sum = 0;
            foreach (var value in values)
            {
                sum += value;
            }

            along += sum * sum;
        }

        // A layer norm takes the mean off: what the matrix makes of equal values is never seen.
        return new Block(PaddedMatrix.Of(part, OutputWidth, Width), Kind == NormalizationKind.LayerNorm ? square - (along / Width) : square);
    }

    private static void Require(ReadOnlyMemory<float> values, string name, long count)
    {
        if (values.Length != count)
        {
            throw new ArgumentException($"The tensor {name} has {values.Length} values, but its shape needs {count}.", name);
        }

        if (!TensorPrimitives.IsFiniteAll(values.Span))
        {
            throw new ArgumentException($"The tensor {name} holds NaN or infinity.", name);
        }
    }

    /// <summary>The part <c>A = W_b diag(γ)</c> of the map that one normalised row goes through.</summary>
    /// <param name="Matrix">It, [d_t, width].</param>
    /// <param name="Square">The square of its Frobenius norm, without what the normalisation removes.</param>
    internal sealed record Block(PaddedMatrix Matrix, double Square);
}
