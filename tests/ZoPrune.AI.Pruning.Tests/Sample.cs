namespace ZoPrune.AI.Pruning.Tests;

/// <summary>Random inputs; the seed makes them repeatable.</summary>
internal static class Sample
{
    public static float[] Gaussian(int count, int seed, double scale = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(scale * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }

    public static TokenMatrix Matrix(int rows, int width, int seed, double scale = 1) =>
        new(Gaussian(rows * width, seed, scale), rows, width);

    public static float[] Sensitivity(int count, int seed) => Gaussian(count, seed).Select(x => 1 + Math.Abs(x)).ToArray();

    /// <summary>Weights of a random projector with variance-keeping scales.</summary>
    public static ProjectorWeights Weights(
        int input,
        int hidden,
        int output,
        ProjectorActivation activation = ProjectorActivation.Gelu,
        int seed = 1,
        bool bias = true) => new(
            Gaussian(hidden * input, seed, 1 / Math.Sqrt(input)),
            bias ? Gaussian(hidden, seed + 1, 0.5) : (ReadOnlyMemory<float>?)null,
            Gaussian(output * hidden, seed + 2, 1 / Math.Sqrt(hidden)),
            bias ? Gaussian(output, seed + 3, 0.1) : (ReadOnlyMemory<float>?)null,
            input,
            hidden,
            output,
            activation);

    public static PrunableTokens Tokens(int rows, int width = 8, int seed = 3) => new()
    {
        Embeddings = Matrix(rows, width, seed),
        ProjectorInput = Matrix(rows, width, seed + 1),
    };
}
