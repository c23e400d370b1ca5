using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>A decoder whose head is told which row to make gives, bit by bit, what the folder's own graph gives for that row.</summary>
public sealed class LogitsOfOneRowTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. ModelFolders.All];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Logits_are_those_of_the_unchanged_graph(string folder)
    {
        var options = new VisionLanguageModelOptions();
        var parts = new ModelParts(ModelFolder.Open(ModelFolders.PathOf(folder)), options);
        var sessions = new GraphSessionFactory(options);
        var words = PrefixReuse.ChooseIds(parts.Language, parts.Tokenizer);
        var plain = new LanguagePlan(parts.Folder, parts.EmbeddingGraph, parts.DecoderGraph, parts.Family.PlaceholderOf(0)) { Head = null };
        using var expected = new LanguageModel(plain, sessions, words);
        using var actual = new LanguageModel(parts.Language, sessions, words);

        foreach (var length in new[] { 1, 2, 3, 5, 8, 13, 21, 34, 55 })
        {
            var ids = Enumerable.Range(0, length).Select(i => words[i * 5 % words.Length]).ToArray();
            Assert.Equal(Logits(expected, ids), Logits(actual, ids));
            if (length > 1 && parts.Folder.Layout == ModelFolderLayout.GenAI && parts.Folder.PadTokenId is >= 0 and var padding && padding < actual.Vocabulary)
            {
                ids[^1] = padding;
                Assert.Equal(Logits(expected, ids), Logits(actual, ids));
            }
        }
    }

    [Fact]
    public void A_usual_head_is_recognised()
    {
        var parts = new ModelParts(ModelFolder.Open(ModelFolders.PathOf(ModelFolders.PocketVlm)), new VisionLanguageModelOptions());

        Assert.NotNull(parts.Language.Head);
    }

    private static float[] Logits(LanguageModel model, int[] ids)
    {
        using var cache = model.CreateCache(ids.Length);
        float[] logits = [];
        long[] positions = [.. Enumerable.Range(0, ids.Length).Select(i => (long)i)];
        model.Run(new DecoderStep(ids, positions, 1, 0), ReadOnlyMemory<float>.Empty, cache, ref logits, Token);
        return logits;
    }
}
