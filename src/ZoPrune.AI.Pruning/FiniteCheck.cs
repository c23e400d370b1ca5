using System.Numerics.Tensors;

namespace ZoPrune.AI.Pruning;

/// <summary>Finds NaN and infinities in one vectorised pass; rows are looked at one by one only to name the culprit.</summary>
internal static class FiniteCheck
{
    public const string Embeddings = "embeddings";
    public const string ProjectorInputs = "projector inputs";
    public const string PreActivations = "pre-activations";
    public const string NormalizationInputs = "normalisation inputs";
    public const string ProjectorOutputs = "projector outputs";
    public const string Sensitivities = "sensitivities";

    /// <summary>Throws for the first row that is not finite and not in <paramref name="ignored"/>.</summary>
    public static void Require(TokenMatrix matrix, string tensor, IReadOnlyList<int> ignored)
    {
        if (TensorPrimitives.IsFiniteAll(matrix.Values.Span))
        {
            return;
        }

        for (var row = 0; row < matrix.Rows; row++)
        {
            if (!TensorPrimitives.IsFiniteAll(matrix.Row(row)) && !ignored.Contains(row))
            {
                throw new NonFiniteTokenException(tensor, row);
            }
        }
    }

    /// <summary>Throws for the first value that is not finite; one value belongs to one row.</summary>
    public static void Require(ReadOnlySpan<float> values, string tensor)
    {
        if (TensorPrimitives.IsFiniteAll(values))
        {
            return;
        }

        for (var row = 0; row < values.Length; row++)
        {
            if (!float.IsFinite(values[row]))
            {
                throw new NonFiniteTokenException(tensor, row);
            }
        }
    }
}
