using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>Matrix products whose matrix [out, in] is packed in blocks of few bits.</summary>
internal static class BlockQuantizedProducts
{
    /// <summary>The sixteen numbers of bitsandbytes' 4-bit float format.</summary>
    private static readonly float[] s_fp4 =
    [
        0, 5.208333333e-03f, 0.66666667f, 1, 0.33333333f, 0.5f, 0.16666667f, 0.25f,
        -0f, -5.208333333e-03f, -0.66666667f, -1, -0.33333333f, -0.5f, -0.16666667f, -0.25f,
    ];

    /// <summary>The sixteen numbers of bitsandbytes' 4-bit normal-float format.</summary>
    private static readonly float[] s_nf4 =
    [
        -1, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f,
        -0.09105003625154495f, 0, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1,
    ];

    /// <summary>Inputs A, packed B, scales, zero points, group index, bias; attributes N (out), K (in), bits, block_size.</summary>
    public static LinearLayer? MatMulNBits(OnnxGraph graph, NodeProto node, string tensor)
    {
        var (rows, columns, block) = (node.Int("N"), node.Int("K"), node.Int("block_size"));
        var bits = (int)node.Int("bits", 4);
        if (bits is not (2 or 4 or 8) || !Fit(rows, columns, block)
            || ConstantTensor.Find(graph, node.InputAt(1)) is not { } packed
            || ConstantTensor.Find(graph, node.InputAt(2)) is not { } scales)
        {
            return null;
        }

        var blocks = ((columns - 1) / block) + 1;
        var zeroPoints = ConstantTensor.Find(graph, node.InputAt(3));
        var groups = ConstantTensor.Find(graph, node.InputAt(4));
        var bias = ConstantTensor.Find(graph, node.InputAt(5));
        var zeroBytes = rows * (((blocks * bits) + 7) / 8);
        var isPacked = zeroPoints?.ElementType == TensorElementType.UInt8;
        var known = Known(node, 3, zeroPoints) && Known(node, 4, groups) && Known(node, 5, bias);
        if (!known || packed.Count != rows * blocks * (block * bits / 8) || scales.Count != rows * blocks
            || (zeroPoints is not null && zeroPoints.Count != (isPacked ? zeroBytes : rows * blocks))
            || (groups is not null && groups.Count < columns))
        {
            return null;
        }

        var weight = new ConstantTensor(packed.Name, [rows, columns], scales.ElementType, Unpack);
        return LinearLayer.Create(node.InputAt(0), tensor, weight, true, 1, bias);

        float[] Unpack()
        {
            var (quantized, scale) = (packed.Values(), scales.Values());
            var zero = zeroPoints?.Values();
            var group = groups?.Values();
            var values = new float[checked((int)(rows * columns))];
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                {
                    var at = group is null ? column / block : (long)group[column];
                    if (at < 0 || at >= blocks)
                    {
                        throw new ModelFolderException(graph.File, $"the group index '{groups!.Name}' names group {at} of {blocks}.");
                    }

                    var zeroPoint = zero is null
                        ? 1 << (bits - 1)
                        : isPacked ? Bits(zero, row * (zeroBytes / rows), at, bits) : zero[(row * blocks) + at];
                    var q = Bits(quantized, (row * blocks + (column / block)) * (block * bits / 8), column % block, bits);
                    values[(row * columns) + column] = (q - zeroPoint) * scale[(row * blocks) + at];
                }
            }

            return values;
        }
    }

    /// <summary>
    /// Inputs A, packed B, largest magnitude of each block; attributes N (out), K (in), block_size, quant_type (0: FP4, 1: NF4).
    /// </summary>
    public static LinearLayer? MatMulBnb4(OnnxGraph graph, NodeProto node, string tensor)
    {
        var (rows, columns, block) = (node.Int("N"), node.Int("K"), node.Int("block_size"));
        if (!Fit(rows, columns, block) || node.Int("transB", 1) != 1 || node.Int("quant_type") is not (0 or 1)
            || ConstantTensor.Find(graph, node.InputAt(1)) is not { } packed
            || ConstantTensor.Find(graph, node.InputAt(2)) is not { } largest
            || packed.Count != ((rows * columns) + 1) / 2 || largest.Count != (((rows * columns) - 1) / block) + 1)
        {
            return null;
        }

        var numbers = node.Int("quant_type") == 0 ? s_fp4 : s_nf4;
        return LinearLayer.Create(
            node.InputAt(0), tensor, new ConstantTensor(packed.Name, [rows, columns], largest.ElementType, Unpack), true, 1, null);

        float[] Unpack()
        {
            var (pairs, scale) = (packed.Values(), largest.Values());
            var values = new float[checked((int)(rows * columns))];
            for (var i = 0; i < values.Length; i++)
            {
                // Here, unlike everywhere else, the first of two elements stands in the upper half of their byte.
                var pair = (int)pairs[i / 2];
                values[i] = numbers[i % 2 == 0 ? pair >> 4 : pair & 0xF] * scale[i / block];
            }

            return values;
        }
    }

    private static bool Fit(long rows, long columns, long block) =>
        rows is > 0 and <= int.MaxValue && columns is > 0 and <= int.MaxValue && block is > 0 and <= int.MaxValue
        && rows * columns <= Array.MaxLength;

    /// <summary>Whether an optional input is either left out or a constant.</summary>
    private static bool Known(NodeProto node, int input, ConstantTensor? constant) =>
        node.InputAt(input).Length == 0 || constant is not null;

    /// <summary>An element of a row of bytes that holds several in each byte, the first in the lowest bits.</summary>
    private static int Bits(float[] bytes, long start, long index, int bits)
    {
        var bit = index * bits;
        return ((int)bytes[start + (bit / 8)] >> (int)(bit % 8)) & ((1 << bits) - 1);
    }
}
