namespace ZoPrune.AI.Benchmarks.Kernels;

/// <summary>Random numbers, the same in every run.</summary>
internal static class RandomValues
{
    /// <summary>Values of mean 0 and deviation 1.</summary>
    public static float[] Normal(int count, int seed = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            value = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }
}
