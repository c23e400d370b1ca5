using System.Numerics.Tensors;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// The weights of a projector <c>P(v) = W2 σ(W1 v + b1) + b2</c>, as [out, in] row-major float32. Referenced, not copied. What the
/// closed form needs of them is made once, on first use; instances are thread-safe and meant to be shared by all calls on a model.
/// </summary>
public sealed class ProjectorWeights
{
    private readonly Lazy<QuadraticForm> _form;
    private readonly Lazy<RoundedQuadraticForm> _roundedForm;
    private readonly Lazy<PaddedMatrix> _w1;

    /// <summary>Takes the weights of a projector.</summary>
    /// <param name="w1">The first map, [<paramref name="hiddenWidth"/>, <paramref name="inputWidth"/>].</param>
    /// <param name="b1">Its bias, [<paramref name="hiddenWidth"/>], or null.</param>
    /// <param name="w2">The second map, [<paramref name="outputWidth"/>, <paramref name="hiddenWidth"/>].</param>
    /// <param name="b2">Its bias, [<paramref name="outputWidth"/>], or null. No sensitivity depends on it.</param>
    /// <param name="inputWidth">The vision width d_v.</param>
    /// <param name="hiddenWidth">The width between the two maps.</param>
    /// <param name="outputWidth">The text width d_t.</param>
    /// <param name="activation">The elementwise function between the two maps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A width is not positive, or the activation is unknown.</exception>
    /// <exception cref="ArgumentException">A tensor has the wrong number of values, or values that are not finite.</exception>
    public ProjectorWeights(
        ReadOnlyMemory<float> w1,
        ReadOnlyMemory<float>? b1,
        ReadOnlyMemory<float> w2,
        ReadOnlyMemory<float>? b2,
        int inputWidth,
        int hiddenWidth,
        int outputWidth,
        ProjectorActivation activation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hiddenWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputWidth);
        if (!Enum.IsDefined(activation))
        {
            throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation.");
        }

        Require(w1, nameof(w1), hiddenWidth, inputWidth);
        Require(w2, nameof(w2), outputWidth, hiddenWidth);
        Require(NullIfEmpty(b1), nameof(b1), hiddenWidth);
        Require(NullIfEmpty(b2), nameof(b2), outputWidth);
        (W1, B1, W2, B2) = (w1, NullIfEmpty(b1), w2, NullIfEmpty(b2));
        (InputWidth, HiddenWidth, OutputWidth, Activation) = (inputWidth, hiddenWidth, outputWidth, activation);
        _w1 = new Lazy<PaddedMatrix>(() => PaddedMatrix.Of(W1, HiddenWidth, InputWidth));
        _form = new Lazy<QuadraticForm>(CreateForm);

        // The exact form is four times as large: it stays only where it is asked for.
        _roundedForm = new Lazy<RoundedQuadraticForm>(() => RoundedQuadraticForm.Create(
            _form.IsValueCreated ? _form.Value : CreateForm(), HiddenWidth, ActivationDerivative.ReachOf(Activation)));
    }

    /// <summary>The first map, [hidden, d_v].</summary>
    public ReadOnlyMemory<float> W1 { get; }

    /// <summary>The first bias, [hidden], or null.</summary>
    public ReadOnlyMemory<float>? B1 { get; }

    /// <summary>The second map, [d_t, hidden].</summary>
    public ReadOnlyMemory<float> W2 { get; }

    /// <summary>The second bias, [d_t], or null.</summary>
    public ReadOnlyMemory<float>? B2 { get; }

    /// <summary>The vision width d_v.</summary>
    public int InputWidth { get; }

    /// <summary>The width between the two maps.</summary>
    public int HiddenWidth { get; }

    /// <summary>The text width d_t.</summary>
    public int OutputWidth { get; }

    /// <summary>The elementwise function between the two maps.</summary>
    public ProjectorActivation Activation { get; }

    /// <summary>
    /// Whether <see cref="PrunableTokens.PreActivation"/> holds <c>W1 v</c> alone. Optimised graphs add <see cref="B1"/> in the node of
    /// the activation, so that no tensor holds the sum.
    /// </summary>
    public bool PreActivationsLackBias { get; init; }

    internal QuadraticForm Form => _form.Value;

    internal RoundedQuadraticForm RoundedForm => _roundedForm.Value;

    internal PaddedMatrix PaddedW1 => _w1.Value;

    private QuadraticForm CreateForm() =>
        QuadraticForm.Create(_w1.Value, PaddedMatrix.TransposeOf(W2, OutputWidth, HiddenWidth), HiddenWidth);

    // A null array becomes an empty memory on its way into a parameter of this type.
    private static ReadOnlyMemory<float>? NullIfEmpty(ReadOnlyMemory<float>? values) => values is { IsEmpty: false } ? values : null;

    private static void Require(ReadOnlyMemory<float>? values, string name, int rows, int columns = 1)
    {
        if (values is not { } present)
        {
            return;
        }

        if (present.Length != (long)rows * columns)
        {
            throw new ArgumentException(
                $"The tensor {name} has {present.Length} values, but the shape [{rows}, {columns}] needs {(long)rows * columns}.", name);
        }

        if (!TensorPrimitives.IsFiniteAll(present.Span))
        {
            throw new ArgumentException($"The tensor {name} holds NaN or infinity.", name);
        }
    }
}
