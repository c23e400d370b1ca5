using ZoPrune.AI.Benchmarks.Reporting;

namespace ZoPrune.AI.Benchmarks.EndToEnd;

/// <summary>
/// Alternatives in turn: A B A B, and every other round backwards, so that none always follows the same other. All see the same drift of
/// the machine.
/// </summary>
internal static class Rounds
{
    /// <summary>Runs the rounds.</summary>
    /// <param name="alternatives">What takes turns.</param>
    /// <param name="warmUps">Rounds that are not counted, before the others.</param>
    /// <param name="rounds">Rounds that are.</param>
    /// <param name="progress">Told of each round.</param>
    /// <param name="cancellation">Stops before the next alternative.</param>
    public static async Task<RoundSamples> RunAsync(
        IReadOnlyList<Alternative> alternatives, int warmUps, int rounds, Action<string> progress, CancellationToken cancellation)
    {
        var samples = new RoundSamples();
        for (var round = -warmUps; round < rounds; round++)
        {
            progress(round < 0 ? "warming up" : $"round {round + 1} of {rounds}");
            foreach (var alternative in round % 2 == 0 ? alternatives : alternatives.Reverse())
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var (name, value) in await alternative.RunAsync(cancellation))
                {
                    if (round >= 0)
                    {
                        samples.Add(name, value);
                    }
                }
            }
        }

        return samples;
    }
}
