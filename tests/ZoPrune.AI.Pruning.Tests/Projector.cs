using System.Numerics.Tensors;

namespace ZoPrune.AI.Pruning.Tests;

/// <summary>A projector in plain float32, as a <see cref="ProjectorFunction"/> that notes how it is called.</summary>
internal sealed class Projector(ProjectorWeights weights)
{
    public List<int> Batches { get; } = [];

    public void Run(ReadOnlySpan<float> input, int rows, Span<float> output)
    {
        Assert.Equal(rows * weights.InputWidth, input.Length);
        Assert.Equal(rows * weights.OutputWidth, output.Length);
        Batches.Add(rows);
        var hidden = new float[weights.HiddenWidth];
        for (var row = 0; row < rows; row++)
        {
            var v = input.Slice(row * weights.InputWidth, weights.InputWidth);
            for (var i = 0; i < hidden.Length; i++)
            {
                var x = TensorPrimitives.Dot(v, weights.W1.Span.Slice(i * v.Length, v.Length)) + (weights.B1?.Span[i] ?? 0);
                hidden[i] = (float)Activations.Of(weights.Activation, x);
            }

            for (var o = 0; o < weights.OutputWidth; o++)
            {
                output[(row * weights.OutputWidth) + o] =
                    TensorPrimitives.Dot(hidden, weights.W2.Span.Slice(o * hidden.Length, hidden.Length)) + (weights.B2?.Span[o] ?? 0);
            }
        }
    }
}
