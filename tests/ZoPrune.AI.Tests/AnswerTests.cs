using Microsoft.Extensions.AI;
using ZoPrune.AI.Generation;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class AnswerTests(SharedClient shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unpruned_greedy_answers_are_those_of_GenAI()
    {
        // Every seventh question but one: all kinds of questions, 100 of the 700.
        for (var i = 0; i < Golden.All.Count; i += 7)
        {
            var golden = Golden.All[i + (i / 7 % 7)];
            var response = await shared.Client.GetResponseAsync([golden.ToMessage()], Clients.Unpruned(), Token);
            Assert.Equal(golden.Text, response.Text);
            Assert.Equal(golden.PromptLength, response.Usage!.InputTokenCount);
            Assert.Equal(golden.Ids.Count, response.Usage.OutputTokenCount);
            Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.25)]
    public async Task Streaming_and_not_streaming_say_the_same(double keepRatio)
    {
        var golden = Golden.Longest;
        var options = new ChatOptions().WithPruning(p => p.KeepRatio = keepRatio);
        var whole = await shared.Client.GetResponseAsync([golden.ToMessage()], options, Token);
        var updates = await Clients.CollectAsync(shared.Client.GetStreamingResponseAsync([golden.ToMessage()], options, Token));
        var streamed = updates.ToChatResponse();

        Assert.True(updates.Count > 5);
        Assert.Equal(whole.Text, streamed.Text);
        Assert.Equal(whole.FinishReason, streamed.FinishReason);
        Assert.Equal(whole.ModelId, streamed.ModelId);
        Assert.Equal(whole.Usage!.InputTokenCount, streamed.Usage!.InputTokenCount);
        Assert.Equal(whole.Usage.OutputTokenCount, streamed.Usage.OutputTokenCount);
        Assert.Equal(whole.GetPruningReport()!.Images[0].Kept, streamed.GetPruningReport()!.Images[0].Kept);
        Assert.Equal(whole.Messages.Count, streamed.Messages.Count);
    }

    [Fact]
    public async Task Updates_carry_ids_role_model_and_time_and_only_the_last_one_the_rest()
    {
        var updates = await Clients.CollectAsync(shared.Client.GetStreamingResponseAsync([Golden.First.ToMessage()], null, Token));

        var responseId = Assert.Single(updates.Select(u => u.ResponseId).Distinct());
        Assert.False(string.IsNullOrEmpty(responseId));
        Assert.False(string.IsNullOrEmpty(Assert.Single(updates.SkipLast(1).Select(u => u.MessageId).Distinct())));
        Assert.All(updates, u =>
        {
            Assert.Equal(ChatRole.Assistant, u.Role);
            Assert.Equal("pocket-vlm", u.ModelId);
            Assert.NotNull(u.CreatedAt);
        });
        Assert.All(updates.SkipLast(1), u =>
        {
            Assert.Null(u.FinishReason);
            Assert.IsType<TextContent>(Assert.Single(u.Contents));
            Assert.Null(u.GetPruningReport());
        });
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        Assert.IsType<UsageContent>(Assert.Single(updates[^1].Contents));
        Assert.NotNull(updates[^1].GetPruningReport());
    }

    [Fact]
    public async Task A_response_is_one_message_that_goes_back_into_a_history_without_reports()
    {
        var response = await shared.Client.GetResponseAsync([Golden.First.ToMessage()], null, Token);
        var message = Assert.Single(response.Messages);
        Assert.Equal(ChatRole.Assistant, message.Role);
        Assert.Null(message.AdditionalProperties);
        Assert.NotNull(message.MessageId);
        Assert.NotNull(response.ResponseId);
    }

    [Fact]
    public async Task Usage_adds_up_and_counts_visual_tokens()
    {
        var response = await shared.Client.GetResponseAsync(
            [Golden.First.ToMessage()], new ChatOptions().WithPruning(p => p.KeepRatio = 0.25), Token);
        var usage = response.Usage!;
        Assert.Equal(256, usage.AdditionalCounts![ZoPruneUsage.VisualTokens]);
        Assert.Equal(64, usage.AdditionalCounts[ZoPruneUsage.VisualTokensKept]);
        Assert.Equal(Golden.First.PromptLength - 256 + 64, usage.InputTokenCount);
        Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount, usage.TotalTokenCount);
    }

    [Fact]
    public async Task The_default_keeps_a_third()
    {
        var response = await shared.Client.GetResponseAsync([Golden.First.ToMessage()], null, Token);
        Assert.Equal(85, response.Usage!.AdditionalCounts![ZoPruneUsage.VisualTokensKept]);
        Assert.True(Assert.Single(response.GetPruningReport()!.Images).Pruned);
    }

    [Fact]
    public async Task Text_alone_works_and_reports_no_images()
    {
        var response = await shared.Client.GetResponseAsync("What is in the top right?", new ChatOptions { MaxOutputTokens = 8 }, Token);
        Assert.NotEmpty(response.Text);
        Assert.Empty(response.GetPruningReport()!.Images);
        Assert.Equal(0, response.Usage!.AdditionalCounts![ZoPruneUsage.VisualTokens]);
        // <bos><start_of_turn>user\n … without the image and its two frame tokens.
        Assert.InRange(response.Usage.InputTokenCount!.Value, 10, 30);
    }

    [Fact]
    public async Task The_answer_ends_at_the_limit_with_the_reason_length()
    {
        var golden = Golden.Longest;
        var options = Clients.Unpruned();
        options.MaxOutputTokens = 3;
        var response = await shared.Client.GetResponseAsync([golden.ToMessage()], options, Token);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(3, response.Usage!.OutputTokenCount);
        Assert.StartsWith(response.Text, golden.Text, StringComparison.Ordinal);
        Assert.NotEmpty(response.Text);
    }

    [Fact]
    public async Task A_stop_sequence_ends_the_answer_and_is_not_part_of_it()
    {
        var golden = Golden.Longest;
        var stop = golden.Text.Substring(golden.Text.Length / 2, 5);
        var options = Clients.Unpruned();
        options.StopSequences = ["not in there", stop];
        var response = await shared.Client.GetResponseAsync([golden.ToMessage()], options, Token);
        Assert.Equal(golden.Text[..golden.Text.IndexOf(stop, StringComparison.Ordinal)], response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.True(response.Usage!.OutputTokenCount < golden.Ids.Count);
    }

    [Fact]
    public async Task An_empty_answer_is_an_empty_message()
    {
        var golden = Golden.First;
        var options = Clients.Unpruned();
        options.StopSequences = [golden.Text[..1]];
        var updates = await Clients.CollectAsync(shared.Client.GetStreamingResponseAsync([golden.ToMessage()], options, Token));
        Assert.Equal(2, updates.Count);
        var message = Assert.Single(updates.ToChatResponse().Messages);
        Assert.Equal(string.Empty, message.Text);
        Assert.NotNull(message.MessageId);
    }

    [Fact]
    public async Task Seeds_repeat_sampled_answers_and_temperature_zero_is_greedy()
    {
        var golden = Golden.Longest;
        async Task<string> AskAsync(float temperature, long? seed)
        {
            var options = Clients.Unpruned();
            (options.Temperature, options.Seed, options.MaxOutputTokens) = (temperature, seed, 24);
            return (await shared.Client.GetResponseAsync([golden.ToMessage()], options, Token)).Text;
        }

        Assert.Equal(golden.Text[..20], (await AskAsync(0, 1))[..20]);
        Assert.Equal(await AskAsync(50, 7), await AskAsync(50, 7));
        var answers = new HashSet<string>();
        for (var seed = 0; seed < 4; seed++)
        {
            answers.Add(await AskAsync(50, seed));
        }

        Assert.Equal(4, answers.Count);
    }

    [Fact]
    public async Task A_presence_penalty_changes_what_repeats()
    {
        var golden = Golden.Longest;
        var options = Clients.Unpruned();
        options.PresencePenalty = 1000;
        options.MaxOutputTokens = 12;
        var response = await shared.Client.GetResponseAsync([golden.ToMessage()], options, Token);
        Assert.NotEqual(golden.Text[..response.Text.Length], response.Text);
    }

    [Fact]
    public async Task Several_images_in_several_turns_are_all_seen()
    {
        var (first, second) = (Golden.All[0], Golden.All[7]);
        Assert.NotEqual(first.Image, second.Image);
        var response = await shared.Client.GetResponseAsync(
            [
                first.ToMessage(),
                new ChatMessage(ChatRole.Assistant, first.Text),
                new ChatMessage(ChatRole.User, [second.ToImage(), second.ToImage()]),
            ],
            new ChatOptions { MaxOutputTokens = 4 }.WithPruning(p => p.KeepRatio = 0.25),
            Token);
        var report = response.GetPruningReport()!;
        Assert.Equal(3, report.Images.Count);
        Assert.NotEqual(report.Images[0].Kept, report.Images[1].Kept);
        Assert.Equal(report.Images[1].Kept, report.Images[2].Kept);
        Assert.Equal(3 * 64, response.Usage!.AdditionalCounts![ZoPruneUsage.VisualTokensKept]);
    }

    [Fact]
    public async Task A_prompt_that_does_not_fit_names_both_numbers()
    {
        var image = Golden.First.ToImage();
        var message = new ChatMessage(ChatRole.User, [.. Enumerable.Repeat<AIContent>(image, 8)]);
        var error = await Assert.ThrowsAsync<ContextLengthExceededException>(
            () => shared.Client.GetResponseAsync([message], Clients.Unpruned(), Token));
        Assert.Equal(2048, error.Limit);
        Assert.True(error.PromptTokens > 8 * 256);
        Assert.Contains("2048", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            error.PromptTokens.ToString(System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pruning_makes_room_in_the_context_unless_original_positions_are_demanded()
    {
        var message = new ChatMessage(ChatRole.User, [.. Enumerable.Repeat<AIContent>(Golden.First.ToImage(), 8)]);
        var options = new ChatOptions { MaxOutputTokens = 2 }.WithPruning(p => p.KeepRatio = 0.25);
        var response = await shared.Client.GetResponseAsync([message], options, Token);
        Assert.Equal(8 * 64, response.Usage!.AdditionalCounts![ZoPruneUsage.VisualTokensKept]);
        Assert.Equal("Compact", response.AdditionalProperties![ZoPruneUsage.UsedPositionPolicy]);

        options.WithPruning(p => p.PositionPolicy = Onnx.PositionPolicy.Original);
        var error = await Assert.ThrowsAsync<ContextLengthExceededException>(
            () => shared.Client.GetResponseAsync([message], options, Token));
        Assert.Equal(response.Usage.InputTokenCount, error.PromptTokens);
        Assert.Equal(error.PromptTokens + (8 * (256 - 64)), error.EndPosition);
        Assert.Equal(2048, error.Limit);
        Assert.Contains(
            FormattableString.Invariant($"has {error.PromptTokens} tokens and ends at position {error.EndPosition}"),
            error.Message,
            StringComparison.Ordinal);
        Assert.Contains("Compact or Auto", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sampling_that_cannot_be_is_an_error_before_a_prompt_is_read()
    {
        var isRead = false;
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnswerStream(
            shared.Client.GetService<VisionLanguageModel>()!,
            new SamplingOptions { DoSample = true, TopK = -1 },
            [],
            1,
            () =>
            {
                isRead = true;
                throw new InvalidOperationException();
            }));
        Assert.False(isRead);
    }

    [Fact]
    public async Task The_positions_are_the_original_ones_where_they_fit()
    {
        var response = await shared.Client.GetResponseAsync([Golden.First.ToMessage()], null, Token);
        Assert.Equal("Original", response.AdditionalProperties![ZoPruneUsage.UsedPositionPolicy]);
    }
}
