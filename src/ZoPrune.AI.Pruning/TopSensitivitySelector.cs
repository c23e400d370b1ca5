namespace ZoPrune.AI.Pruning;

/// <summary>Keeps the most sensitive tokens, whatever they look like; ties go to the lower index. A baseline.</summary>
/// <remarks>The picks for k are a prefix of those for k + 1, and follow a permutation of the tokens as long as no two are equal.</remarks>
public sealed class TopSensitivitySelector : TokenSelector
{
    /// <inheritdoc/>
    public override string Name => "top";

    /// <inheritdoc/>
    public override bool UsesSensitivity => true;

    /// <summary>Equal sensitivities would keep the first rows of the picture; diversity does better.</summary>
    protected internal override TokenSelector WithoutSensitivity => new SadsSelector();

    /// <inheritdoc/>
    protected override int[] SelectCore(SelectionInput input, int count)
    {
        if (input.Sensitivity.IsEmpty)
        {
            throw new ArgumentException($"The selector '{Name}' needs sensitivities.", nameof(input));
        }

        var keys = input.Sensitivity.ToArray();
        var order = Enumerable.Range(0, keys.Length).ToArray();
        order.AsSpan().Sort((a, b) => keys[a] == keys[b] ? a.CompareTo(b) : keys[b].CompareTo(keys[a]));
        return order[..count];
    }
}
