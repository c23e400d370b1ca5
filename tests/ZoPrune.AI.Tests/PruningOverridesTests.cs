using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Tests;

public class PruningOverridesTests
{
    [Fact]
    public void What_is_written_is_read()
    {
        var options = new ChatOptions();
        Assert.Null(options.GetPruning());
        Assert.Same(options, options.WithPruning(p =>
        {
            p.KeepRatio = 0.25;
            p.MaxVisualTokens = 99;
            p.MinVisualTokens = 3;
            p.Estimator = SensitivityEstimation.ZerothOrder;
            p.Selector = TokenSelection.DivPrune;
            p.CosineSpace = CosineSpace.MeanCentred;
            p.Seed = -5;
            p.PositionPolicy = PositionPolicy.Compact;
            p.IncludeSensitivities = true;
        }));

        var read = options.GetPruning()!;
        Assert.Equal(0.25, read.KeepRatio);
        Assert.Equal(99, read.MaxVisualTokens);
        Assert.Equal(3, read.MinVisualTokens);
        Assert.Equal(SensitivityEstimation.ZerothOrder, read.Estimator);
        Assert.Equal(TokenSelection.DivPrune, read.Selector);
        Assert.Equal(CosineSpace.MeanCentred, read.CosineSpace);
        Assert.Equal(-5, read.Seed);
        Assert.Equal(PositionPolicy.Compact, read.PositionPolicy);
        Assert.True(read.IncludeSensitivities);
    }

    [Fact]
    public void Every_override_is_stored_as_a_plain_value_that_JSON_can_hold()
    {
        var options = new ChatOptions().WithPruning(
            p => (p.KeepRatio, p.Selector, p.IncludeSensitivities) = (0.25, TokenSelection.Sads, true));
        Assert.All(options.AdditionalProperties!.Values, v => Assert.True(v is double or int or string or bool));
        var json = JsonSerializer.Serialize(options, AIJsonUtilities.DefaultOptions);
        var back = JsonSerializer.Deserialize<ChatOptions>(json, AIJsonUtilities.DefaultOptions)!.GetPruning()!;
        Assert.Equal((0.25, TokenSelection.Sads, true), (back.KeepRatio, back.Selector, back.IncludeSensitivities));
    }

    [Fact]
    public void A_second_change_keeps_the_first_and_null_takes_back()
    {
        var options = new ChatOptions { AdditionalProperties = new() { ["other"] = 1 } };
        options.WithPruning(p => p.KeepRatio = 0.5).WithPruning(p => p.Seed = 1);
        Assert.Equal(0.5, options.GetPruning()!.KeepRatio);
        options.WithPruning(p => (p.KeepRatio, p.Seed) = (null, null));
        Assert.Null(options.GetPruning());
        Assert.Equal(1, options.AdditionalProperties["other"]);
    }

    public static TheoryData<object, double> Numbers => new()
    {
        { 0.25, 0.25 },
        { 0.1f, 0.1 },
        { 0.25m, 0.25 },
        { 1, 1 },
        { 1L, 1 },
        { (byte)1, 1 },
        { (short)1, 1 },
        { 1u, 1 },
        { 1ul, 1 },
        { "0.25", 0.25 },
        { JsonDocument.Parse("0.25").RootElement, 0.25 },
        { JsonDocument.Parse("\"0.25\"").RootElement, 0.25 },
    };

    [Theory]
    [MemberData(nameof(Numbers), DisableDiscoveryEnumeration = true)]
    public void Ratios_are_read_from_plain_values(object value, double expected) =>
        Assert.Equal(expected, new ChatOptions { AdditionalProperties = new() { ["ZoPrune.KeepRatio"] = value } }.GetPruning()!.KeepRatio);

    public static TheoryData<object> Integers => new()
    {
        (sbyte)64, (byte)64, (short)64, (ushort)64, 64, 64u, 64L, 64ul, 64f, 64d, 64m, "64", JsonDocument.Parse("64").RootElement,
    };

    [Theory]
    [MemberData(nameof(Integers), DisableDiscoveryEnumeration = true)]
    public void Counts_are_read_from_numbers_of_any_type(object value) => Assert.Equal(
        64,
        new ChatOptions { AdditionalProperties = new() { ["ZoPrune.MaxVisualTokens"] = value } }.GetPruning()!.MaxVisualTokens);

    [Fact]
    public void What_an_answer_carries_is_no_setting()
    {
        var options = new ChatOptions
        {
            AdditionalProperties = new()
            {
                [ZoPruneUsage.PruningReport] = new PruningReport { Images = [] },
                [ZoPruneUsage.StageTimes] = new StageTimes(),
                [ZoPruneUsage.UsedPositionPolicy] = "Original",
                [ZoPruneUsage.VisualTokens] = 256L,
                [ZoPruneUsage.VisualTokensKept] = 64L,
            },
        };
        Assert.Null(options.GetPruning());

        options.AdditionalProperties["ZoPrune.PositionPolicy"] = "Compact";
        options.AdditionalProperties["ZoPrune.KeepRatio"] = 0.5;
        Assert.Equal((0.5, PositionPolicy.Compact), (options.GetPruning()!.KeepRatio, options.GetPruning()!.PositionPolicy));
    }

    [Fact]
    public void Other_plain_values_are_read_without_regard_to_case()
    {
        var read = new ChatOptions
        {
            AdditionalProperties = new()
            {
                ["zoprune.selector"] = "divprune",
                ["ZoPrune.MaxVisualTokens"] = "64",
                ["ZoPrune.MinVisualTokens"] = 2.0,
                ["ZoPrune.PositionPolicy"] = PositionPolicy.Original,
                ["ZoPrune.IncludeSensitivities"] = "true",
                ["ZoPrune.Seed"] = JsonDocument.Parse("null").RootElement,
            },
        }.GetPruning()!;
        Assert.Equal(TokenSelection.DivPrune, read.Selector);
        Assert.Equal((64, 2), (read.MaxVisualTokens, read.MinVisualTokens));
        Assert.Equal(PositionPolicy.Original, read.PositionPolicy);
        Assert.True(read.IncludeSensitivities);
        Assert.Null(read.Seed);
    }

    public static TheoryData<string, object> Wrong => new()
    {
        { "ZoPrune.KeepRatio", "a quarter" },
        { "ZoPrune.KeepRatio", true },
        { "ZoPrune.KeepRatio", "0,25" },
        { "ZoPrune.MaxVisualTokens", 1.5 },
        { "ZoPrune.MaxVisualTokens", long.MaxValue },
        { "ZoPrune.MaxVisualTokens", uint.MaxValue },
        { "ZoPrune.MaxVisualTokens", ulong.MaxValue },
        { "ZoPrune.MaxVisualTokens", 2147483648f },
        { "ZoPrune.MaxVisualTokens", 'a' },
        { "ZoPrune.Selector", "best" },
        { "ZoPrune.Selector", "1" },
        { "ZoPrune.IncludeSensitivities", 1 },
        { "ZoPrune.KeepRation", 0.5 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_values_and_unknown_keys_are_errors_that_name_the_key(string key, object value)
    {
        var error = Assert.Throws<ArgumentException>(() => new ChatOptions { AdditionalProperties = new() { [key] = value } }.GetPruning());
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }
}
