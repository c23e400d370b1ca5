using System.Runtime.InteropServices;
using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Weights;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Benchmarks.Tests.SyntheticVlm;

/// <summary>How weights come about and how they get to the disk.</summary>
public sealed class WeightTests
{
    [Fact]
    public void Numbers_are_sums_of_the_published_sequence_of_SplitMix64()
    {
        // The first outputs for the seed 1234567, as Rosetta Code lists them.
        ulong[] published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        var numbers = new NormalNumbers(1234567);

        foreach (var bits in published)
        {
            var sum = (bits % 65536) + ((bits >> 16) % 65536) + ((bits >> 32) % 65536) + (bits >> 48);
            Assert.Equal((int)sum - (2 * 65535), numbers.NextInteger());
        }
    }

    [Fact]
    public void Numbers_have_the_mean_and_the_deviation_that_are_asked_for()
    {
        var values = new float[200_000];
        new NormalNumbers(3).Fill(values, 0.5);

        Assert.InRange(values.Average(), -0.005, 0.005);
        Assert.InRange(Math.Sqrt(values.Average(v => (double)v * v)), 0.495, 0.505);
        Assert.InRange(values.Max(MathF.Abs), 1.3f, 0.5f * 3.47f);
    }

    [Fact]
    public void Quantised_blocks_are_the_numbers_within_half_a_step()
    {
        const int Rows = 6;
        const int Columns = 64;
        const int Silent = 2;
        const double Deviation = 0.125;
        var file = Path.Combine(TemporaryFolders.Create(), "weights");
        using (var stream = new WeightStream(file))
        {
            using var values = stream.Reserve(Rows * Columns / 2);
            using var scales = stream.Reserve(Rows * Columns / 32 * sizeof(float));
            BlockQuantizer.Write(new NormalNumbers(5), Rows, Columns, Deviation, Silent, values, scales);
            values.Complete();
            scales.Complete();
        }

        var bytes = File.ReadAllBytes(file);
        var steps = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(WeightStream.Alignment)).ToArray();
        var expected = new float[Rows * Columns];
        new NormalNumbers(5).Fill(expected, Deviation);
        for (var i = 0; i < expected.Length; i++)
        {
            var level = ((i % 2 == 0 ? bytes[i / 2] : bytes[i / 2] >> 4) & 15) - 8;
            var step = steps[i / 32];
            if (i < Silent * Columns)
            {
                Assert.Equal(0, level);
                continue;
            }

            // The levels end at 7: a value as large as the largest one, of the other sign, is a whole step off.
            Assert.InRange(Math.Abs((level * step) - expected[i]), 0, Math.Abs(step) * (level == 7 ? 1.001f : 0.501f));
        }
    }

    [Fact]
    public void Rotary_tables_are_cosines_and_sines()
    {
        const int Positions = 4096;
        const int Pairs = 32;
        var file = Path.Combine(TemporaryFolders.Create(), "weights");
        using (var stream = new WeightStream(file))
        {
            using var cosines = stream.Reserve(Positions * Pairs * sizeof(float));
            using var sines = stream.Reserve(Positions * Pairs * sizeof(float));
            RotaryTable.Write(RotaryTable.Frequencies(10000, Pairs), Positions, cosines, sines);
        }

        var values = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray();
        for (var position = 0; position < Positions; position += 91)
        {
            for (var pair = 0; pair < Pairs; pair++)
            {
                var angle = position * Math.Pow(10000, -(double)pair / Pairs);
                var at = (position * Pairs) + pair;
                Assert.Equal(Math.Cos(angle), values[at], 1e-6);
                Assert.Equal(Math.Sin(angle), values[(Positions * Pairs) + at], 1e-6);
            }
        }
    }

    [Fact]
    public void Nothing_larger_than_the_buffer_passes_through()
    {
        using var stream = new WeightStream(Path.Combine(TemporaryFolders.Create(), "weights"));
        using var large = stream.Reserve(10L * WeightRegion.BufferBytes);
        using var small = stream.Reserve(8);

        large.Write(new byte[WeightRegion.BufferBytes]);
        Assert.Throws<ArgumentException>(() => large.Write(new byte[WeightRegion.BufferBytes + 1]));
        Assert.Throws<ArgumentException>(() => small.Write(new byte[9]));
        Assert.Throws<InvalidOperationException>(large.Complete);
        Assert.Equal(10L * WeightRegion.BufferBytes, small.Offset);
    }

    [Fact]
    public void Matrices_of_many_megabytes_are_written_through_less_than_two()
    {
        const int Side = 2048;
        using var graph = Writer(Path.Combine(TemporaryFolders.Create(), "weights"));
        graph.Weights("warm", [32, 32], 1);
        graph.QuantizedWeights("warm4", 32, 32, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();

        graph.Weights("matrix", [Side, Side], 1);
        graph.QuantizedWeights("matrix4", Side, Side, 1);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 << 20);
    }

    [Fact]
    public void A_vector_longer_than_the_buffer_comes_in_parts()
    {
        const int Length = (WeightRegion.BufferBytes / sizeof(float)) + 1000;
        var file = Path.Combine(TemporaryFolders.Create(), "weights");
        using (var graph = Writer(file))
        {
            graph.Weights("vector", [Length], 1, silent: 3);
        }

        var values = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray();
        Assert.Equal(Length, values.Length);
        Assert.All(values[..3], v => Assert.Equal(0, v));
        Assert.InRange(values[3..].Count(v => v == 0), 0, 5);
    }

    private static GraphWriter Writer(string weights) => new(weights + ".onnx", weights, "graph", 1, new ParameterCounts());
}
