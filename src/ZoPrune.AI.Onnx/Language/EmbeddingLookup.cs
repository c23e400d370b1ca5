using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// What an embedding graph does with an ordinary token, where that is as much as to look up a row of a table: the row, widened to float32
/// and multiplied by a number if need be, bit by bit what the graph gives.
/// </summary>
/// <param name="File">The file that the table is in.</param>
/// <param name="Offset">Where it starts there, in bytes.</param>
/// <param name="Rows">How many rows it has, one a token.</param>
/// <param name="Width">How many values a row has.</param>
/// <param name="Type">Their float type.</param>
/// <param name="Result">The float type of the graph's result: the same, or float32.</param>
/// <param name="Factor">What they are multiplied by in float32; <c>null</c>: nothing.</param>
/// <param name="Others">The ids with which the graph does something else.</param>
internal sealed record EmbeddingLookup(
    string File,
    long Offset,
    int Rows,
    int Width,
    TensorElementType Type,
    TensorElementType Result,
    float? Factor,
    IReadOnlyList<IdRange> Others)
{
    /// <summary>The bytes of a row.</summary>
    public int RowBytes => checked(Width * Floats.SizeOf(Type));

    /// <summary>Whether the result for a token is a row of the table.</summary>
    public bool Holds(int id)
    {
        if (id < 0 || id >= Rows)
        {
            return false;
        }

        // By number: an enumerator of a list behind an interface would be an object a token.
        for (var i = 0; i < Others.Count; i++)
        {
            if (Others[i].Contains(id))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether rows are the result as they are, in a type.</summary>
    public bool IsCopy(TensorElementType type) => Factor is null && Type == type;

    /// <summary>Makes the result from a row.</summary>
    /// <param name="row">The bytes of the row.</param>
    /// <param name="values">The result in float32.</param>
    public void Convert(ReadOnlySpan<byte> row, Span<float> values)
    {
        Floats.Read(row, Type, values);
        if (Factor is { } factor)
        {
            TensorPrimitives.Multiply(values, factor, values);
        }
    }
}
