using SkiaSharp;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.Testing;
using static ZoPrune.AI.Onnx.Tests.Images.ProcessorFile;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>Pooled memory changes nothing about what comes out, whatever lay in it before.</summary>
public sealed class PooledPictureTests(ZooModels models) : IClassFixture<ZooModels>
{
    private static readonly string[] s_pictures = ["photo160x120.jpg", "rgba48x72.png", "square56.png", "wide120x60.png", "tall50x110.png"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. ModelFolders.All];

    public static TheoryData<int> Orientations => [.. Enumerable.Range(1, 8)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Inputs_and_projector_tensors_are_the_same(string folder)
    {
        var model = models.Named(folder);
        SensitivityMethod?[] methods = [null, .. Enum.GetValues<SensitivityMethod>()];
        foreach (var name in s_pictures)
        {
            var picture = ImageDecoder.Decode(ImageFiles.Read(name), ImageLimits.Default, name, model.ImageDecoding);
            var expected = model.ProcessImage(picture);
            PooledPicture.FillPools();
            using var buffers = new PictureBuffers();
            var pooled = ImageDecoder.Decode(ImageFiles.Read(name), ImageLimits.Default, name, model.ImageDecoding, buffers);
            Assert.True(picture.Pixels.Span.SequenceEqual(pooled.Pixels.Span));

            var actual = model.ProcessImage(pooled, 1, buffers);
            buffers.GiveBackAllBut(actual.Inputs.Values);
            PooledPicture.FillPools();
            PooledPicture.AssertEqual(expected.Inputs, actual.Inputs);
            Assert.Equal((expected.Width, expected.Height, expected.Tiles), (actual.Width, actual.Height, actual.Tiles));
            foreach (var method in methods)
            {
                AssertEqual(model.EncodeImage(expected, method, Token).Tokens, model.EncodeImage(actual, method, buffers, Token).Tokens);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Visual_tokens_outlive_the_buffers(string folder)
    {
        var model = models.Named(folder);
        var picture = ImageFiles.Decode("photo160x120.jpg");
        var expected = model.EncodeImage(model.ProcessImage(picture), SensitivityMethod.ClosedForm, Token);
        VisualTokens actual;
        using (var buffers = new PictureBuffers())
        {
            actual = model.EncodeImage(model.ProcessImage(picture, 1, buffers), SensitivityMethod.ClosedForm, buffers, Token)
                .WithoutProjectorTensors(contentId: null);
        }

        PooledPicture.FillPools();
        AssertEqual(expected.Tokens.Embeddings, actual.Tokens.Embeddings);
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void Turned_pixels_are_the_same(int orientation)
    {
        var stored = ImageFiles.Decode("photo90x140.jpg");
        var expected = OrientedPixels.Apply(stored, (SKEncodedOrigin)orientation);
        PooledPicture.FillPools();
        using var buffers = new PictureBuffers();
        var actual = OrientedPixels.Apply(stored, (SKEncodedOrigin)orientation, buffers);

        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.True(expected.Pixels.Span.SequenceEqual(actual.Pixels.Span));
    }

    [Theory]
    [InlineData("""{"color_space": "BGR"}""", "[1, 0, 2]")]
    [InlineData("""{"color_space": "RGB"}""", "[2, 0, 1]")]
    public void Operations_that_no_folder_here_has_give_the_same(string decode, string dims)
    {
        var processor = LoadOperations(
            Operation("DecodeImage", decode),
            Operation("ConvertRGB"),
            Operation("CenterCrop", """{"width": 31, "height": 45}"""),
            Operation("Rescale"),
            Operation("Normalize", """{"qwen2_5_vl": 1}"""),
            Operation("Permute3D", $$"""{"dims": {{dims}}}"""));
        var picture = ImageFiles.Decode("photo160x120.jpg");
        var expected = processor.Process(picture);
        PooledPicture.FillPools();
        using var buffers = new PictureBuffers();
        PooledPicture.AssertEqual(Assert.Single(expected), Assert.Single(processor.Process(picture, buffers)));
    }

    private static void AssertEqual(PrunableTokens expected, PrunableTokens actual)
    {
        AssertEqual(expected.Embeddings, actual.Embeddings);
        AssertEqual(expected.ProjectorInput, actual.ProjectorInput);
        AssertEqual(expected.PreActivation, actual.PreActivation);
        AssertEqual(expected.NormalizationInput, actual.NormalizationInput);
        Assert.Equal(expected.NoSensitivityReason, actual.NoSensitivityReason);
        Assert.Equal(expected.Structural, actual.Structural);
        Assert.Equal(expected.Grid, actual.Grid);
        Assert.Equal(expected.Crops, actual.Crops);
    }

    private static void AssertEqual(TokenMatrix? expected, TokenMatrix? actual)
    {
        Assert.Equal((expected?.Rows, expected?.Width), (actual?.Rows, actual?.Width));
        Assert.True((expected?.Values ?? default).Span.SequenceEqual((actual?.Values ?? default).Span));
    }
}
