namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>What a <see cref="ToolCallFormat"/> sees where a call may begin.</summary>
public readonly record struct ToolCallMatch
{
    private ToolCallMatch(int length, IReadOnlyList<ToolCall> calls)
    {
        Length = length;
        Calls = calls;
    }

    /// <summary>Not to be decided yet: it depends on what follows.</summary>
    public static ToolCallMatch Undecided => new(0, []);

    /// <summary>How many characters are decided about; 0: none yet.</summary>
    public int Length { get; }

    /// <summary>The calls that these characters are; none: they are text.</summary>
    public IReadOnlyList<ToolCall> Calls { get; }

    /// <summary>The first characters are text, whatever follows.</summary>
    /// <param name="length">How many, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is below 1.</exception>
    public static ToolCallMatch Text(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return new ToolCallMatch(length, []);
    }

    /// <summary>The first characters are calls, whatever follows.</summary>
    /// <param name="length">How many characters, at least 1.</param>
    /// <param name="calls">The calls, at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is below 1.</exception>
    /// <exception cref="ArgumentException">There are no calls.</exception>
    public static ToolCallMatch Of(int length, IReadOnlyList<ToolCall> calls)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentNullException.ThrowIfNull(calls);
        return calls.Count == 0
            ? throw new ArgumentException("There are no calls.", nameof(calls))
            : new ToolCallMatch(length, calls);
    }
}
