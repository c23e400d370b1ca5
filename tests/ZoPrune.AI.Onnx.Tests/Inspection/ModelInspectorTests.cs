using System.Text.Json;
using ZoPrune.AI.Onnx.Inspection;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Inspection;

public sealed class ModelInspectorTests
{
    public static TheoryData<string> GenAIFolders() =>
        new(Directory.EnumerateDirectories(TestData.PathTo("zoo", "genai")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));

    public static TheoryData<string> FoldersWithSizes() =>
        [.. GenAIFolders().Select(f => f.Data).Where(f => File.Exists(TestData.PathTo("zoo", "genai", f, "goldens", "tables", "sizes.json")))];

    [Theory]
    [MemberData(nameof(GenAIFolders))]
    public void AFolderOfTheZooWouldLoadAndEverythingIsKnown(string name)
    {
        var found = ModelInspector.Inspect(TestData.PathTo("zoo", "genai", name));
        Assert.Empty(found.Problems);
        Assert.Empty(found.Warnings);
        Assert.True(found.CanLoad);
        Assert.True(found.IsTypeSupported);
        Assert.Equal(ModelFolderLayout.GenAI, found.Layout);
        Assert.Equal(["vision", "embedding", "decoder"], found.Graphs.Select(g => g.Role));
        Assert.All(found.Graphs, g =>
        {
            Assert.NotEmpty(g.Inputs);
            Assert.NotEmpty(g.Outputs);
            Assert.NotNull(g.Precision);
            Assert.True(g.Bytes > 0);
            Assert.True(g.Opset > 0);
        });
        Assert.NotNull(found.Tokenizer);
        Assert.NotNull(found.ChatTemplate);
        Assert.NotNull(found.Prompt);
        Assert.NotNull(found.Positions);
        Assert.NotEmpty(found.PositionPolicies);
    }

    /// <summary>The tables were recorded with GenAI's own processors.</summary>
    [Theory]
    [MemberData(nameof(FoldersWithSizes))]
    public void VisualTokensAreThoseThatGenAICounts(string name)
    {
        var table = TestData.PathTo("zoo", "genai", name, "goldens", "tables", "sizes.json");
        using var json = JsonDocument.Parse(File.ReadAllBytes(table));
        var sizes = json.RootElement.GetProperty("sizes").EnumerateArray()
            .Where(s => s.TryGetProperty("num_image_tokens", out _))
            .Select(s => (Width: s.GetProperty("width").GetInt32(), Height: s.GetProperty("height").GetInt32(), Tokens: s.GetProperty("num_image_tokens")[0].GetInt32()))
            .ToArray();
        Assert.NotEmpty(sizes);
        var found = ModelInspector.Inspect(TestData.PathTo("zoo", "genai", name), new ModelInspectionOptions { ImageSizes = [.. sizes.Select(s => (s.Width, s.Height))] });
        Assert.Equal(sizes, found.ImageTokens.Select(t => (t.Width, t.Height, t.Tokens ?? -1)));
    }

    [Theory]
    [InlineData("genai/fara", "vision", "float32")]
    [InlineData("genai/qwen2_5_vl-fp16", "vision", "float16")]
    [InlineData("genai/phi3v-int4", "decoder", "int4 MatMulNBits")]
    [InlineData("hf/llava", "decoder", "float32")]
    public void PrecisionIsSaidInWords(string folder, string role, string expected) =>
        Assert.Contains(expected, Inspect(folder).Graphs.Single(g => g.Role == role).Precision, StringComparison.Ordinal);

    [Theory]
    [InlineData("fp16", "vision_encoder_fp16.onnx", "float16")]
    [InlineData("q8", "vision_encoder_quantized.onnx", "int8 dynamic")]
    [InlineData("q4", "vision_encoder_q4.onnx", "int4 MatMulNBits")]
    public void TheVariantThatIsAskedForIsLookedAt(string variant, string file, string precision)
    {
        var found = ModelInspector.Inspect(
            TestData.PathTo("zoo", "hf", "llava"),
            new ModelInspectionOptions { Model = new VisionLanguageModelOptions { Variants = new GraphVariants(Vision: variant) } });
        var vision = found.Graphs.Single(g => g.Role == "vision");
        Assert.Equal(file, Path.GetFileName(vision.File));
        Assert.Contains(precision, vision.Precision, StringComparison.Ordinal);
        Assert.Contains("vision_encoder.onnx", vision.Variants);
        Assert.Contains(file, vision.Variants);
    }

    [Fact]
    public void ExternalDataCounts()
    {
        var vision = Inspect("genai/fara").Graphs.Single(g => g.Role == "vision");
        Assert.Equal(new FileInfo(vision.File).Length + new FileInfo(vision.File + ".data").Length, vision.Bytes);
    }

    [Fact]
    public void TheProjectorAndPositionsAreThoseOfTheModel()
    {
        var gemma = Inspect("genai/gemma3");
        Assert.True(gemma.Projector!.IsLinear);
        Assert.NotNull(gemma.Projector.Normalization);
        Assert.Equal([SensitivityMethod.ClosedForm], gemma.SensitivityMethods);
        Assert.Null(gemma.NoEstimatorReason);
        var qwen = Inspect("genai/qwen2_5_vl");
        Assert.Equal([SensitivityMethod.ClosedForm, SensitivityMethod.ZerothOrder], qwen.SensitivityMethods);
        Assert.Equal(PositionKind.ThreeAxes, qwen.Positions);
        Assert.Equal([PositionPolicy.Original], qwen.PositionPolicies);
    }

    [Fact]
    public void EveryProblemIsSaidOnceAndTheRestIsStillFoundOut()
    {
        var folder = ZooModels.Copy(TestData.PathTo("zoo", "genai", "phi3v"));
        File.Delete(Path.Combine(folder, "model.onnx"));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "{");
        var found = ModelInspector.Inspect(folder);
        Assert.False(found.CanLoad);
        Assert.Equal(2, found.Problems.Count);
        Assert.Contains(found.Problems, p => p.Message.Contains("model.onnx", StringComparison.Ordinal) && p.Message.Contains("model.decoder.filename", StringComparison.Ordinal));
        Assert.Contains(found.Problems, p => p.Message.Contains("tokenizer.json", StringComparison.Ordinal));
        Assert.NotNull(found.Projector);
        Assert.Equal("phi3v", found.Type);
        Assert.Null(found.Graphs.Single(g => g.Role == "decoder").Bytes);
    }

    [Fact]
    public void ATypeThatIsNotSupportedIsSaidWithThoseThatAre()
    {
        var folder = ZooModels.Copy(TestData.PathTo("zoo", "genai", "phi3v"));
        var config = Path.Combine(folder, "genai_config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"phi3v\"", "\"zoprune\"", StringComparison.Ordinal));
        var found = ModelInspector.Inspect(folder);
        Assert.False(found.IsTypeSupported);
        Assert.Equal("zoprune", found.Type);
        Assert.Contains("phi3v", found.SupportedTypes);
        Assert.Single(found.Problems);
        Assert.NotNull(found.Tokenizer);
    }

    [Fact]
    public void WhatIsNoModelFolderIsAProblem()
    {
        Assert.Single(ModelInspector.Inspect(TemporaryFolders.Create()).Problems);
        Assert.Single(ModelInspector.Inspect(Path.Combine(TemporaryFolders.Create(), "nowhere")).Problems);
        var found = ModelInspector.Inspect(typeof(ModelInspectorTests).Assembly.Location);
        Assert.Single(found.Problems);
        Assert.Null(found.Layout);
    }

    [Fact]
    public void SessionsAreOpenedOnlyWhenAskedFor()
    {
        var sessions = 0;
        var options = new ModelInspectionOptions { Model = new VisionLanguageModelOptions { ConfigureSession = _ => sessions++ } };
        Assert.True(ModelInspector.Inspect(TestData.PathTo("zoo", "genai", "phi3v"), options).CanLoad);
        Assert.Equal(0, sessions);
        options.OpenSessions = true;
        Assert.True(ModelInspector.Inspect(TestData.PathTo("zoo", "genai", "phi3v"), options).CanLoad);
        Assert.Equal(3, sessions);
    }

    private static ModelInspection Inspect(string folder) => ModelInspector.Inspect(TestData.PathTo(["zoo", .. folder.Split('/')]));
}
