namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Turns row-major matrices.</summary>
internal static class MatrixLayout
{
    /// <summary>The transpose [columns, rows] of a matrix [rows, columns].</summary>
    public static float[] Transpose(float[] values, int rows, int columns)
    {
        var transposed = new float[values.Length];
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                transposed[(j * rows) + i] = values[(i * columns) + j];
            }
        }

        return transposed;
    }
}
