namespace ZoPrune.AI.Pruning;

/// <summary>A tensor of visual tokens holds NaN or an infinity: nothing that is computed from it would mean anything.</summary>
public sealed class NonFiniteTokenException : ArgumentException
{
    /// <summary>Says which row of which tensor is not finite.</summary>
    /// <param name="tensor">The tensor, by the name that a user knows.</param>
    /// <param name="row">The first row that holds NaN or an infinity.</param>
    public NonFiniteTokenException(string tensor, int row)
        : base($"The {tensor} hold NaN or infinity in row {row}.")
    {
        Tensor = tensor;
        Row = row;
    }

    /// <summary>The tensor: "embeddings", "projector inputs", "pre-activations", "projector outputs" or "sensitivities".</summary>
    public string Tensor { get; }

    /// <summary>The first row that holds NaN or an infinity.</summary>
    public int Row { get; }
}
