using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>What the taps at the projector gave, row by row in the order of the vision graph's output.</summary>
internal sealed record ProjectorRows
{
    /// <summary>Nothing was tapped.</summary>
    public static ProjectorRows None { get; } = new();

    /// <summary>The projector input <c>V</c>.</summary>
    public TokenMatrix? Input { get; private init; }

    /// <summary>The pre-activation.</summary>
    public TokenMatrix? PreActivation { get; private init; }

    /// <summary>What enters the normalisation before a projector of one affine map.</summary>
    public TokenMatrix? NormalizationInput { get; private init; }

    /// <summary>Rows of the output that no row of the projector made.</summary>
    public IReadOnlyList<int> Untied { get; private init; } = [];

    /// <summary>Why the rows say nothing about sensitivity; <c>null</c> if they do.</summary>
    public string? Problem { get; private init; }

    /// <summary>Ties the projector's rows to those of the output.</summary>
    /// <param name="projector">The projector.</param>
    /// <param name="output">The vision graph's output.</param>
    /// <param name="matrix">A tapped tensor by its name; <c>null</c> if it was not tapped.</param>
    /// <param name="buffers">Where the rows lie; <c>null</c>: in arrays of their own.</param>
    public static ProjectorRows Read(
        Projector projector, TokenMatrix output, Func<string, TokenMatrix?> matrix, PictureBuffers? buffers)
    {
        var rows = new ProjectorRows
        {
            Input = matrix(projector.Input),
            PreActivation = projector.Activation is null ? null : matrix(projector.PreActivation),
        };
        if (projector.Normalization is { } norm && rows.Input is { } v && norm.Inputs.Select(matrix).OfType<TokenMatrix>().ToArray() is var parts
            && parts.Length == norm.Inputs.Count)
        {
            rows = rows with
            {
                NormalizationInput = Sum(norm, parts, buffers) is { } sum
                    ? RowTie.SideBySide(sum, norm.KeepsRowOrder ? null : matrix(norm.Output), v, buffers)
                    : null,
            };
            if (rows.NormalizationInput is null)
            {
                rows = new ProjectorRows { Problem = $"the rows of '{norm.Output}' could not be found in the projector input '{projector.Input}'" };
            }
        }

        if (!projector.KeepsRowOrder && matrix(projector.Output) is { } projected)
        {
            var tie = RowTie.ByEquality(output, projected);
            if (Array.TrueForAll(tie, row => row < 0))
            {
                return new ProjectorRows { Problem = $"no row of the projector output '{projector.Output}' comes back among the visual tokens" };
            }

            rows = rows.Select(m => RowTie.Gather(m, tie, buffers)) with
            {
                Untied = [.. Enumerable.Range(0, tie.Length).Where(i => tie[i] < 0)],
            };
        }

        return rows.Matrices.All(m => m.Rows == output.Rows)
            ? rows
            : new ProjectorRows
            {
                Problem = $"the projector has {rows.Matrices.First(m => m.Rows != output.Rows).Rows} rows for {output.Rows} visual tokens",
            };
    }

    /// <summary>The same change made to every matrix.</summary>
    public ProjectorRows Select(Func<TokenMatrix, TokenMatrix> change) => this with
    {
        Input = Apply(Input, change),
        PreActivation = Apply(PreActivation, change),
        NormalizationInput = Apply(NormalizationInput, change),
    };

    private IEnumerable<TokenMatrix> Matrices => new[] { Input, PreActivation, NormalizationInput }.OfType<TokenMatrix>();

    /// <summary>What the normalisation normalises; <c>null</c> if its parts have other widths.</summary>
    private static TokenMatrix? Sum(Normalization norm, TokenMatrix[] parts, PictureBuffers? buffers)
    {
        if (parts.Length == 1 && norm.InputBias is null)
        {
            return parts[0];
        }

        var bias = norm.ReadInputBias();
        if (parts.Any(p => p.Width != norm.Width) || (bias is not null && bias.Length != norm.Width))
        {
            return null;
        }

        var total = PictureBuffers.Take<float>(buffers, parts[0].Values.Length);
        var sum = total.Span;
        parts[0].Values.Span.CopyTo(sum);
        foreach (var part in parts.Skip(1))
        {
            System.Numerics.Tensors.TensorPrimitives.Add(sum, part.Values.Span, sum);
        }

        if (bias is not null)
        {
            for (var start = 0; start < sum.Length; start += bias.Length)
            {
                System.Numerics.Tensors.TensorPrimitives.Add(sum.Slice(start, bias.Length), bias, sum.Slice(start, bias.Length));
            }
        }

        return new TokenMatrix(total, parts[0].Rows, parts[0].Width);
    }

    private static TokenMatrix? Apply(TokenMatrix? matrix, Func<TokenMatrix, TokenMatrix> change) => matrix is { } m ? change(m) : null;
}
