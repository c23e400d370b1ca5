namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>Where the reading of a text can be: a set of stacks.</summary>
/// <remarks>
/// What is found out later, <see cref="Next"/> and <see cref="Mask"/>, is written by the automaton under its lock and read without: each
/// is a reference to something that changes no more, or null.
/// </remarks>
internal sealed class Configuration
{
    /// <summary>The stacks, by number, in rising order.</summary>
    public required int[] Stacks { get; init; }

    /// <summary>The stacks with all that they can become without reading anything.</summary>
    public required int[] Closure { get; init; }

    /// <summary>The next configuration by class of byte; <see langword="null"/>: not known yet.</summary>
    public required Configuration?[] Next { get; init; }

    /// <summary>The tokens that may follow; <see langword="null"/>: not known yet, or not any more.</summary>
    public ConfigurationMask? Mask { get; set; }

    /// <summary>How many tokens suffice to the end.</summary>
    public required int Cost { get; init; }

    /// <summary>Whether the text may end here.</summary>
    public required bool MayEnd { get; init; }

    /// <summary>Whether what is looked at alone has ended, so that what lies below would go on.</summary>
    public required bool IsExit { get; init; }

    /// <summary>Whether nothing can be read.</summary>
    public required bool IsFinal { get; init; }
}
