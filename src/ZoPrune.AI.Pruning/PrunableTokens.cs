namespace ZoPrune.AI.Pruning;

/// <summary>The visual tokens of one image, as the vision stage gives them to the pruner.</summary>
public sealed class PrunableTokens
{
    /// <summary>The projected embeddings <c>Z</c>, [tokens, d_t]: what the language model sees.</summary>
    public required TokenMatrix Embeddings { get; init; }

    /// <summary>
    /// The projector input <c>V</c>, [tokens, d_v]; row i belongs to row i of <see cref="Embeddings"/>. What stands in the rows of
    /// <see cref="Structural"/> tokens is never read.
    /// </summary>
    public TokenMatrix? ProjectorInput { get; init; }

    /// <summary>
    /// The projector's pre-activation <c>W1 v + b1</c>, [tokens, hidden], where the vision graph gives it; rows as in
    /// <see cref="ProjectorInput"/>.
    /// </summary>
    public TokenMatrix? PreActivation { get; init; }

    /// <summary>
    /// What enters the normalisation before a projector of one affine map, where the vision graph gives it: [tokens, blocks · width], the
    /// rows that make a token side by side in the order in which the projector takes them; rows as in <see cref="ProjectorInput"/>.
    /// </summary>
    public TokenMatrix? NormalizationInput { get; init; }

    /// <summary>
    /// Why the sensitivity of these tokens cannot be measured although their model has a projector; null if it can. They are selected by
    /// diversity alone then, and reports say so.
    /// </summary>
    public string? NoSensitivityReason { get; init; }

    /// <summary>Rows that no row of <c>V</c> produced (newlines, separators), ascending: outside the budget and always kept.</summary>
    public IReadOnlyList<int> Structural { get; init; } = [];

    /// <summary>How the tokens that are not structural lie over the image, or over each crop; null where unknown.</summary>
    public TokenGrid? Grid { get; init; }

    /// <summary>Rows of each crop (or frame), in order, structural ones included; they add up to all rows. Empty means one crop.</summary>
    public IReadOnlyList<int> CropLengths { get; init; } = [];

    /// <summary>
    /// The crop (or frame) of each row, numbered from 0, where the rows of a crop do not stand together; what stands for structural rows is
    /// never read. Empty means <see cref="CropLengths"/>.
    /// </summary>
    public IReadOnlyList<int> Crops { get; init; } = [];

    internal void Validate()
    {
        var rows = Embeddings.Rows;
        RequireRows(ProjectorInput, nameof(ProjectorInput));
        RequireRows(PreActivation, nameof(PreActivation));
        RequireRows(NormalizationInput, nameof(NormalizationInput));
        for (var i = 0; i < Structural.Count; i++)
        {
            if (Structural[i] < 0 || Structural[i] >= rows || (i > 0 && Structural[i] <= Structural[i - 1]))
            {
                throw new ArgumentException(
                    $"Structural rows must be ascending and lie in 0 to {rows - 1}; entry {i} is {Structural[i]}.");
            }
        }

        if (CropLengths.Count > 0 && (CropLengths.Any(length => length < 0) || CropLengths.Sum(length => (long)length) != rows))
        {
            throw new ArgumentException(
                $"Crop lengths must be non-negative and add up to {rows} rows, but are {string.Join(", ", CropLengths)}.");
        }

        if (Crops.Count > 0 && (Crops.Count != rows || Crops.Any(crop => crop < 0 || crop >= rows)))
        {
            throw new ArgumentException($"Crops must name a crop from 0 on for each of the {rows} rows.");
        }

        void RequireRows(TokenMatrix? matrix, string name)
        {
            if (matrix is { } m && m.Rows != rows)
            {
                throw new ArgumentException($"{name} has {m.Rows} rows, but {nameof(Embeddings)} has {rows}; row i belongs to row i.");
            }
        }
    }
}
