namespace ZoPrune.AI.Pruning;

/// <summary>
/// Cosine distances between rows, from float32 rows in double. Symmetric to the last bit, and equal for equal rows, so that ties are
/// real ties; nothing is stored but one or two numbers per row.
/// </summary>
internal sealed class CosineGeometry
{
    // A row shorter than this has no direction: it is at distance one from everything (the reference divides by at least 1e-12).
    private const double MinLength = 1e-12;

    // What centring leaves of a row below the resolution of its float32 values is their rounding, not a direction.
    private const double Resolution = 1.0 / (1 << 24);

    private const double DoubleRounding = 1.0 / (1L << 51);

    private readonly TokenMatrix _rows;
    private readonly double[] _inverseLengths;
    private readonly double[]? _meanProducts;
    private readonly double[] _mean = [];
    private readonly double _meanSquare;

    // How far Distance can be from the distance in exact arithmetic.
    private readonly double _error;

    public CosineGeometry(TokenMatrix rows, CosineSpace space)
    {
        _rows = rows;
        _inverseLengths = new double[rows.Rows];
        if (space == CosineSpace.Raw)
        {
            for (var i = 0; i < rows.Rows; i++)
            {
                _inverseLengths[i] = Invert(Math.Sqrt(DotProduct.InDouble(rows.Row(i), rows.Row(i))), MinLength);
            }

            _error = (rows.Width + 16) * DoubleRounding;
            return;
        }

        var mean = _mean = MeanOf(rows);
        _meanProducts = new double[rows.Rows];
        var largest = 0.0;
        foreach (var m in mean)
        {
            _meanSquare += m * m;
        }

        for (var i = 0; i < rows.Rows; i++)
        {
            double square = 0, full = 0, along = 0;
            var row = rows.Row(i);
            for (var k = 0; k < row.Length; k++)
            {
                var centred = row[k] - mean[k];
                square += centred * centred;
                full += (double)row[k] * row[k];
                along += row[k] * mean[k];
            }

            _meanProducts[i] = along;

            _inverseLengths[i] = Invert(Math.Sqrt(square), Math.Max(MinLength, Math.Sqrt(full) * Resolution));
            largest = Math.Max(largest, _inverseLengths[i] * (Math.Sqrt(full) + Math.Sqrt(_meanSquare)));
        }

        // The products cancel down to those of the centred rows: what they lose grows with what was taken away.
        _error = (rows.Width + 16) * DoubleRounding * (1 + (largest * largest));
    }

    public int Count => _rows.Rows;

    /// <summary><c>1 − cos</c> of two rows.</summary>
    public double Distance(int i, int j)
    {
        var product = DotProduct.InDouble(_rows.Row(i), _rows.Row(j));
        if (_meanProducts is { } means)
        {
            product += _meanSquare - (means[i] + means[j]);
        }

        return 1 - (product * (_inverseLengths[i] * _inverseLengths[j]));
    }

    /// <summary>The rows less their mean, of length one, in float32.</summary>
    public UnitRows ToUnitRows() => new(_rows, _mean, _inverseLengths, _error);

    private static double Invert(double length, double minimum) => length < minimum ? 0 : 1 / length;

    private static double[] MeanOf(TokenMatrix rows)
    {
        var mean = new double[rows.Width];
        for (var i = 0; i < rows.Rows; i++)
        {
            var row = rows.Row(i);
            for (var k = 0; k < row.Length; k++)
            {
                mean[k] += row[k];
            }
        }

        for (var k = 0; k < mean.Length; k++)
        {
            mean[k] /= rows.Rows;
        }

        return mean;
    }
}
