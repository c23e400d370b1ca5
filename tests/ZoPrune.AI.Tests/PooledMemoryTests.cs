using Microsoft.Extensions.AI;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Content;
using ZoPrune.AI.Diagnostics;
using ZoPrune.AI.Generation;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

/// <summary>Pictures are worked on in pooled memory; nothing that a call hands out or keeps lies in it.</summary>
public sealed class PooledMemoryTests
{
    private static readonly string[] s_pictures = ["photo160x120.jpg", "square56.png", "wide120x60.png", "tall50x110.png"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. ModelFolders.All];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task What_is_left_of_pictures_is_what_the_stages_give_in_arrays_of_their_own(string folder)
    {
        using var client = Clients.Create(o =>
        {
            Clients.WithoutCaches(o);
            o.ModelPath = ModelFolders.PathOf(folder);

            // One behind the other, on this thread: the pool keeps what a thread gave back last for that thread.
            o.Images.MaxConcurrency = 1;
        });
        using var lease = await client.Services.Model.AcquireAsync(Token);
        using var telemetry = new CallTelemetry(client.Services.Telemetry, folder);
        var report = new CallReport();
        var settings = PruningSettings.Create(client.Services.Options, new PruningOverrides { IncludeSensitivities = true });
        var pipeline = new ImagePipeline(client.Services, lease, settings, telemetry, report);
        FillPools();
        ImageSource[] sources = [.. s_pictures.Select((p, i) => new ImageSource($"{i}", ConversationScript.Picture(p)))];
        var selections = await pipeline.ReadAsync(sources, Token);
        FillPools();

        var model = lease.Model;
        var estimator = model.CreateEstimator();
        var images = report.ToPruningReport().Images;
        for (var i = 0; i < s_pictures.Length; i++)
        {
            var picture = ImageDecoder.Decode(
                ConversationScript.Picture(s_pictures[i]).Data, ImageLimits.Default, s_pictures[i], model.ImageDecoding);
            var tokens = model.EncodeImage(model.ProcessImage(picture, s_pictures.Length), Token).Tokens;
            var embeddings = selections[i].Image.Tokens.Embeddings;
            Assert.Equal((tokens.Embeddings.Rows, tokens.Embeddings.Width), (embeddings.Rows, embeddings.Width));
            Assert.True(tokens.Embeddings.Values.Span.SequenceEqual(embeddings.Values.Span));

            var options = new TokenPrunerOptions { IncludeSensitivities = true };
            var expected = new TokenPruner(estimator, new SadsSelector(SadsOptions.Proportional), settings.ToBudget(), options)
                .Prune(tokens, Token);
            Assert.Equal(expected.Kept, selections[i].Kept);
            Assert.Equal(expected.Kept, images[i].Kept);
            Assert.Equal(expected.Report.PickOrder, images[i].PickOrder);
            Assert.Equal(expected.Report.Sensitivities, images[i].Sensitivities);
        }
    }

    [Fact]
    public async Task A_known_picture_answers_as_before_when_others_have_used_the_memory()
    {
        Golden[] pictures = [Golden.All[0], Golden.All[97], Golden.All[194]];
        using var client = Clients.Create(Clients.WithFreshCaches);
        var options = ConversationScript.Greedy(p => p.IncludeSensitivities = true);
        foreach (var picture in pictures)
        {
            await client.GetResponseAsync([Question(picture)], options, Token);
        }

        FillPools();
        foreach (var ratio in new[] { 0.25, 0.5 })
        {
            // The second ratio selects anew, from what is kept of the picture.
            var other = ConversationScript.Greedy(p => (p.IncludeSensitivities, p.KeepRatio) = (true, ratio));
            foreach (var picture in pictures)
            {
                using var fresh = Clients.Create(Clients.WithoutCaches);
                var expected = await fresh.GetResponseAsync([Question(picture)], other, Token);
                var actual = await client.GetResponseAsync([Question(picture)], other, Token);

                Assert.Equal(expected.Text, actual.Text);
                var (one, known) = (expected.GetPruningReport()!.Images.Single(), actual.GetPruningReport()!.Images.Single());
                Assert.True(known.IsCached);
                Assert.Equal(one.Kept, known.Kept);
                Assert.Equal(one.PickOrder, known.PickOrder);
                Assert.Equal(one.Sensitivities, known.Sensitivities);
            }
        }
    }

    private static void FillPools()
    {
        DirtyPool.Fill<byte>();
        DirtyPool.Fill<float>();
        DirtyPool.Fill<long>();
        DirtyPool.Fill<bool>();
    }

    private static ChatMessage Question(Golden picture) => new(ChatRole.User, [picture.ToImage(), new TextContent("What is there?")]);
}
