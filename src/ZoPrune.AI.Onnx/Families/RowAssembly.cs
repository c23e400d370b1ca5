using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// How visual tokens are put together from the rows that the vision graph gives: chosen, mixed (where a map is resampled) and interleaved
/// with learned rows.
/// </summary>
/// <param name="Rows">Each visual token: graph rows with their weights. An empty list is the learned row.</param>
/// <param name="Learned">The learned row (a newline), as wide as the graph's rows; <c>null</c> if no token is one.</param>
/// <param name="Layout">How the assembled tokens lie.</param>
internal sealed record RowAssembly(IReadOnlyList<RowMix> Rows, float[]? Learned, TokenLayout Layout)
{
    /// <summary>The visual tokens that a matrix of graph rows becomes.</summary>
    /// <param name="matrix">One row a graph row.</param>
    /// <param name="learned">What stands for the learned row; zeros where <c>null</c>.</param>
    /// <param name="buffers">Where the tokens lie; <c>null</c>: in an array of their own.</param>
    public TokenMatrix Apply(TokenMatrix matrix, float[]? learned, PictureBuffers? buffers)
    {
        var values = PictureBuffers.TakeCleared<float>(buffers, checked(Rows.Count * matrix.Width));
        for (var i = 0; i < Rows.Count; i++)
        {
            var target = values.Span.Slice(i * matrix.Width, matrix.Width);
            if (Rows[i].Parts.Count == 0)
            {
                learned?.CopyTo(target);
                continue;
            }

            foreach (var (row, weight) in Rows[i].Parts)
            {
                if (weight == 1)
                {
                    matrix.Row(row).CopyTo(target);
                }
                else
                {
                    System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(matrix.Row(row), weight, target, target);
                }
            }
        }

        return new TokenMatrix(values, Rows.Count, matrix.Width);
    }
}
