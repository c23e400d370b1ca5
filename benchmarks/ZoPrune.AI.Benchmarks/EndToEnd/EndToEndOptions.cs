using ZoPrune.AI.Benchmarks.EndToEnd.Models;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.Benchmarks.EndToEnd;

/// <summary>What an end-to-end run measures, and where its files go.</summary>
internal sealed record EndToEndOptions
{
    /// <summary>The size of which each answer takes seconds.</summary>
    public const string Largest = "1.5b";

    /// <summary>Kinds of SyntheticVlm.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = ["llava-like", "qwen2.5-vl-like", "next-like"];

    /// <summary>
    /// Sizes of SyntheticVlm, measured in this order. The largest is measured of the first kind alone: thousands of tokens take it minutes.
    /// Of the last the vision stage is measured.
    /// </summary>
    public IReadOnlyList<string> Sizes { get; init; } = ["0.1b", "0.5b", Largest, ModelSize.VisionStage];

    /// <summary>Rounds of each model, at least 1. Models of thousands of visual tokens and the largest get half as many.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>Tokens of an answer where tokens a second are measured, at least 2.</summary>
    public int OutputTokens { get; init; } = 64;

    /// <summary>Threads inside one operation, for everything that is compared.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Where models are written, and found the next time.</summary>
    public string ModelFolder { get; init; } = Path.Combine(Path.GetTempPath(), "zoprune-synthetic");

    /// <summary>Where tables and plots are written; <c>null</c>: the table is only returned.</summary>
    public string? ResultFolder { get; init; }

    /// <summary>Whether peak memory is measured, in processes of their own.</summary>
    public bool MeasuresMemory { get; init; } = true;

    /// <summary>The smallest size alone, and half the rounds.</summary>
    public EndToEndOptions Quick() => this with { Sizes = [Sizes[0]], Rounds = Half(Rounds) };

    /// <summary>The models to measure, size by size.</summary>
    public IEnumerable<(string Kind, string Size)> Models() =>
        from size in Sizes from kind in Kinds where IsMeasured(kind, size) select (kind, size);

    /// <summary>Half as many rounds, at least 1.</summary>
    public static int Half(int rounds) => (rounds + 1) / 2;

    private bool IsMeasured(string kind, string size) => size switch
    {
        Largest => kind == Kinds[0],
        ModelSize.VisionStage => kind == ModelCase.Llava,
        _ => true,
    };
}
