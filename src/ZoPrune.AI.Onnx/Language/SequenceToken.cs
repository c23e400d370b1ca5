namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// Everything that decides on the keys and values of one token, given those before it: sequences whose tokens are equal up to some place
/// have equal caches up to there.
/// </summary>
/// <param name="Id">The token.</param>
/// <param name="Time">Its position, or the first of three.</param>
/// <param name="Height">Its second position; the first where there is one only.</param>
/// <param name="Width">Its third position; the first where there is one only.</param>
/// <param name="Image">What identifies the image of a visual token; <c>null</c> for text.</param>
/// <param name="Row">The row of the unpruned image; -1 for text.</param>
/// <param name="Regime">Which tables a decoder uses that changes them with the length of the sequence.</param>
internal readonly record struct SequenceToken(int Id, long Time, long Height, long Width, object? Image, int Row, int Regime)
{
    /// <summary>A token of text.</summary>
    public static SequenceToken Text(int id, long position, int regime) => new(id, position, position, position, null, -1, regime);

    /// <summary>The tokens of a prompt.</summary>
    public static List<SequenceToken> Of(EncodedPrompt prompt, IReadOnlyList<ImageSelection> images, int regime)
    {
        var (ids, positions, length) = (prompt.InputIds, prompt.Positions, prompt.Length);
        var isMultiAxis = prompt.PositionAxes > 1;
        var tokens = new List<SequenceToken>(length);
        for (var i = 0; i < length; i++)
        {
            tokens.Add(isMultiAxis
                ? new SequenceToken(ids[i], positions[i], positions[length + i], positions[(2 * length) + i], null, -1, regime)
                : Text(ids[i], positions[i], regime));
        }

        // The n-th visual token of the prompt is the n-th kept row of all images.
        var next = 0;
        foreach (var image in images)
        {
            foreach (var row in image.Kept)
            {
                var at = prompt.VisualIndices[next++];
                tokens[at] = tokens[at] with { Image = image.Image.Identity, Row = row };
            }
        }

        return tokens;
    }
}
