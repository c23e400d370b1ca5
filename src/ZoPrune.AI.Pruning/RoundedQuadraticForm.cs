using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// The symmetric matrix of <see cref="QuadraticForm"/> with what lies off its diagonal rounded to eight bits, a scale for each row.
/// </summary>
/// <remarks>
/// With <c>g = ½ + δ</c>, the diagonal D and the rest O, <c>gᵀMg = Σ D_i g_i² + ¼ 1ᵀO1 + δᵀO1 + δᵀOδ</c>. All but the last term is
/// linear work in float32. The last is summed over pairs i &gt; j as <c>δ_i O_ij δ_j</c>, with O and the right δ in eight bits: integers,
/// whose sums are exact. Slopes of 0, ½ and 1 are not rounded; what rounding leaves of others averages out over the hidden units, and what
/// rounding O leaves is nearly the same for all tokens. Sums stay within an int up to 66,000 hidden units.
/// </remarks>
internal sealed class RoundedQuadraticForm : IQuadraticForm
{
    // The width is a multiple of this, as vectors of bytes are written.
    private const int Alignment = 32;

    private const int Sums = ByteProduct.Rows * ByteProduct.Tokens;
    private const int Levels = 127;

    // Makes signed numbers unsigned, which one of the instruction's operands must be.
    private const int Zero = 128;

    // Rows of bytes that lie a power of two apart would fall on the same lines of the first-level cache.
    private const int Skew = 64;

    // Float32 sums are closed after this many columns and go on in double.
    private const int Chunk = 1024;

    private readonly sbyte[][] _blocks;
    private readonly int[] _start;
    private readonly float[] _scales;
    private readonly float[] _linear;
    private readonly float[] _diagonal;
    private readonly double _constant;
    private readonly float _step;
    private readonly int _width;

    private RoundedQuadraticForm(QuadraticForm exact, int size, float reach)
    {
        _width = (size + Alignment - 1) / Alignment * Alignment;

        // Saturated slopes, 0 and 1, are what most of them may be: they lie on a level each, as one half does.
        _step = 2 * MathF.Floor(Levels * 0.5f / reach);
        _blocks = new sbyte[_width / ByteProduct.Rows][];
        (_start, _scales, _linear, _diagonal) = (new int[_width], new float[_width], new float[_width], new float[_width]);

        var offDiagonal = new double[_width];
        for (var block = 0; block < _blocks.Length; block++)
        {
            _blocks[block] = new sbyte[ByteProduct.Rows * ByteProduct.Rows * (block + 1)];
            for (var row = block * ByteProduct.Rows; row < Math.Min(size, (block + 1) * ByteProduct.Rows); row++)
            {
                Take(exact.Row(row), row, _blocks[block], offDiagonal);
            }
        }

        for (var i = 0; i < size; i++)
        {
            _linear[i] = (float)offDiagonal[i];
            _constant += 0.25 * offDiagonal[i];
        }
    }

    /// <summary>Whether the processor has an instruction for it; else it is slower than the exact form.</summary>
    public static bool IsFast => ByteProduct.IsFast;

    /// <inheritdoc/>
    /// <remarks>Eight groups: wide matrices come from memory once a tile, which took a sixth longer with four.</remarks>
    public int Tile => 8 * ByteProduct.Tokens;

    /// <inheritdoc/>
    public int Group => ByteProduct.Tokens;

    /// <inheritdoc/>
    public int Columns => Alignment;

    /// <summary>Rounds a matrix.</summary>
    /// <param name="exact">The matrix.</param>
    /// <param name="size">Its rows.</param>
    /// <param name="reach">How far slopes can be from one half.</param>
    public static RoundedQuadraticForm Create(QuadraticForm exact, int size, float reach) => new(exact, size, reach);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Evaluate(ReadOnlySpan<float> g, int stride, int count, Span<double> results)
    {
        var byteStride = _width + Skew;
        var bytes = ArrayPool<byte>.Shared.Rent(count * byteStride);
        var factors = ArrayPool<float>.Shared.Rent(count * _width);
        try
        {
            for (var token = 0; token < count; token++)
            {
                var at = token * stride;
                results[token] = Round(
                    g.Slice(at, _width), bytes.AsSpan(token * byteStride, _width), factors.AsSpan(token * _width, _width));
            }

            AddPairs(bytes, byteStride, factors, count, results);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<float>.Shared.Return(factors);
        }
    }

    /// <summary>Takes a row of the exact form, whose entries off the diagonal are doubled.</summary>
    private void Take(ReadOnlySpan<float> row, int i, sbyte[] block, double[] offDiagonal)
    {
        _diagonal[i] = row[i];
        var most = 0f;
        for (var j = 0; j < i; j++)
        {
            most = Math.Max(most, Math.Abs(row[j]));
            offDiagonal[i] += 0.5 * row[j];
            offDiagonal[j] += 0.5 * row[j];
        }

        var scale = most / Levels;
        var inverse = scale > 0 ? 1 / (double)scale : 0;
        var sum = 0;
        for (var j = 0; j < i; j++)
        {
            var rounded = Math.Clamp((int)Math.Round(row[j] * inverse), -Levels, Levels);
            sum += rounded;
            block[ByteProduct.Place(i % ByteProduct.Rows, j)] = (sbyte)rounded;
        }

        (_scales[i], _start[i]) = (scale / _step, -Zero * sum);
    }

    /// <summary>Everything but the pairs, and what the pairs need: δ in bytes, and δ times the scales of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Round(ReadOnlySpan<float> g, Span<byte> bytes, Span<float> factors)
    {
        var sum = _constant;
        for (var chunk = 0; chunk < _width; chunk += Chunk)
        {
            var terms = Vector256<float>.Zero;
            for (var i = chunk; i < Math.Min(chunk + Chunk, _width); i += Alignment)
            {
                var values = g[i..];
                var low = Vector256.Narrow(Round(values, 0, i, factors, ref terms), Round(values, 8, i, factors, ref terms));
                var high = Vector256.Narrow(Round(values, 16, i, factors, ref terms), Round(values, 24, i, factors, ref terms));
                Vector256.Narrow(low, high).CopyTo(bytes[i..]);
            }

            sum += Vector256.Sum(terms);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<uint> Round(ReadOnlySpan<float> values, int offset, int first, Span<float> factors, ref Vector256<float> terms)
    {
        var at = first + offset;
        var slope = Vector256.Create(values[offset..]);
        var delta = slope - Vector256.Create(0.5f);
        terms += (slope * slope * Vector256.Create(_diagonal.AsSpan(at))) + (delta * Vector256.Create(_linear.AsSpan(at)));
        (delta * Vector256.Create(_scales.AsSpan(at))).CopyTo(factors[at..]);

        // Truncation of what is half more rounds. What is no number becomes a byte like any other: its token is refused elsewhere.
        var level = Vector256.Create(Zero + 0.5f) + (delta * Vector256.Create(_step));
        level = Vector256.Min(Vector256.Max(level, Vector256.Create(1f)), Vector256.Create(255f));
        return Vector256.ConvertToInt32(level).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddPairs(ReadOnlySpan<byte> bytes, int byteStride, ReadOnlySpan<float> factors, int count, Span<double> results)
    {
        Span<int> sums = stackalloc int[Sums];
        for (var block = 0; block < _blocks.Length; block++)
        {
            var first = block * ByteProduct.Rows;
            for (var token = 0; token < count; token += ByteProduct.Tokens)
            {
                ByteProduct.Multiply(_blocks[block], _start.AsSpan(first, ByteProduct.Rows), bytes[(token * byteStride)..], byteStride, sums);
                for (var k = 0; k < ByteProduct.Tokens; k++)
                {
                    var weights = factors.Slice(((token + k) * _width) + first, ByteProduct.Rows);
                    var low = Vector256.ConvertToSingle(Vector256.Create<int>(sums[(k * ByteProduct.Rows)..])) * Vector256.Create(weights);
                    var high = Vector256.ConvertToSingle(Vector256.Create<int>(sums[((k * ByteProduct.Rows) + 8)..])) * Vector256.Create(weights[8..]);
                    results[token + k] += Vector256.Sum(low + high);
                }
            }
        }
    }
}
