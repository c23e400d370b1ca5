using ZoPrune.AI.Configuration;

namespace ZoPrune.AI.Tests;

public class PocketVlmTests
{
    [Theory]
    [InlineData("genai_config.json")]
    [InlineData("vision.onnx")]
    [InlineData("embedding.onnx")]
    [InlineData("decoder.onnx")]
    [InlineData("tokenizer.json")]
    public void The_model_lies_beside_the_application(string file) => Assert.True(File.Exists(Path.Combine(PocketVlm.ModelPath, file)));

    [Fact]
    public void The_locator_looks_where_the_package_puts_the_model() =>
        Assert.Equal(PocketVlm.ModelPath, new ModelLocator(_ => null, AppContext.BaseDirectory).Find(null));
}
