using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Images.Operations;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>The worked sizes of the specification (genai-model-folder.md, 4.15).</summary>
public class WorkedSizeTests
{
    [Theory]
    [InlineData(640, 480, 1008, 1344, 1921)]
    [InlineData(480, 640, 1344, 1008, 1933)]
    [InlineData(1000, 600, 1008, 1680, 2353)]
    [InlineData(1920, 1080, 1008, 1680, 2353)]
    [InlineData(1080, 1920, 1680, 1008, 2377)]
    [InlineData(336, 336, 1344, 1344, 2509)]
    [InlineData(100, 60, 1008, 1680, 2353)]
    [InlineData(4000, 3000, 1008, 1344, 1921)]
    public void Phi3(int width, int height, int paddedHeight, int paddedWidth, int tokens)
    {
        var outputs = Run(width, height, ProcessorFile.Operation("Phi3ImageTransform"));
        Assert.Equal([17, 3, 336, 336], outputs[0].Shape.ToArray());
        Assert.Equal([paddedHeight, paddedWidth], outputs[1].Int64s.ToArray());
        Assert.Equal([tokens], outputs[2].Int64s.ToArray());
    }

    [Theory]
    [InlineData(640, 480, 896, 896, 1065)]
    [InlineData(480, 640, 896, 896, 1073)]
    [InlineData(1000, 600, 896, 1344, 1694)]
    [InlineData(1920, 1080, 1344, 2240, 3918)]
    [InlineData(1080, 1920, 2240, 1344, 3953)]
    [InlineData(336, 336, 448, 448, 545)]
    [InlineData(100, 60, 448, 448, 443)]
    [InlineData(4000, 3000, 1344, 1792, 3393)]
    public void Phi4(int width, int height, int targetHeight, int targetWidth, int tokens)
    {
        var outputs = Run(
            width,
            height,
            ProcessorFile.Operation(
                "Phi4VisionDynamicPreprocess", """{"dynamic_hd": 36, "dyhd_base_resolution": 448}""", name: "tiles"),
            ProcessorFile.Operation("Rescale", inputs: """[":0"]"""),
            ProcessorFile.Operation("Normalize"),
            ProcessorFile.Operation("Phi4VisionProcessor", inputs: """[":0", "tiles:1"]"""));
        Assert.Equal([targetHeight, targetWidth], outputs[1].Int64s.ToArray());
        Assert.Equal([tokens], outputs[3].Int64s.ToArray());
        var frames = 1 + (targetHeight / 448 * (targetWidth / 448));
        Assert.Equal([frames, 3, 448, 448], outputs[0].Shape.ToArray());
        Assert.Equal([frames, 32, 32], outputs[2].Shape.ToArray());
    }

    [Theory]
    [InlineData(640, 480, 476, 644, 480, 640, 480, 640)]
    [InlineData(480, 640, 644, 476, 640, 480, 640, 480)]
    [InlineData(1000, 600, 588, 1008, 608, 992, 608, 992)]
    [InlineData(1920, 1080, 1092, 1932, 1088, 1920, 1088, 1920)]
    [InlineData(336, 336, 336, 336, 352, 352, 352, 352)]
    [InlineData(100, 60, 56, 112, 64, 96, 224, 352)]
    public void Qwen(int width, int height, int height14, int width14, int height16, int width16, int height35, int width35)
    {
        Assert.Equal([1, height14 / 14, width14 / 14], Grid(width, height, 14, 3136, 12845056));
        Assert.Equal([1, height16 / 16, width16 / 16], Grid(width, height, 16, 3136, 12845056));
        Assert.Equal([1, height35 / 16, width35 / 16], Grid(width, height, 16, 65536, 16777216));
    }

    [Fact]
    public void Qwen_large()
    {
        Assert.Equal((4004, 2996), new SmartResize(28, 3136, 12845056).SizeOf(4000, 3000));
        Assert.Equal((4000, 3008), new SmartResize(32, 3136, 12845056).SizeOf(4000, 3000));
        Assert.Equal((4000, 3008), new SmartResize(32, 65536, 16777216).SizeOf(4000, 3000));
    }

    [Theory]
    [InlineData(640, 480, 476, 644)]
    [InlineData(1920, 1080, 1092, 1932)]
    [InlineData(4000, 3000, 1316, 1764)]
    public void Mistral3(int width, int height, int newHeight, int newWidth)
    {
        var outputs = Run(
            width,
            height,
            ProcessorFile.Operation(
                "Resize", """{"smart_resize": 1, "min_pixels": 784, "max_pixels": 2371600, "patch_size": 14, "merge_size": 2}"""),
            ProcessorFile.Operation("Rescale"),
            ProcessorFile.Operation("Permute3D", """{"dims": [2, 0, 1]}"""),
            ProcessorFile.Operation("PixtralImageSizes"));
        Assert.Equal([3, newHeight, newWidth], outputs[0].Shape.ToArray());
        Assert.Equal([newHeight, newWidth], outputs[1].Int64s.ToArray());
    }

    [Theory]
    [InlineData(640, 480, 912, 672, 266)]
    [InlineData(480, 640, 672, 912, 266)]
    [InlineData(1000, 600, 1008, 576, 252)]
    [InlineData(1920, 1080, 1056, 576, 264)]
    [InlineData(1080, 1920, 576, 1056, 264)]
    [InlineData(336, 336, 768, 768, 256)]
    [InlineData(100, 60, 1008, 576, 252)]
    [InlineData(4000, 3000, 912, 672, 266)]
    public void Gemma4(int width, int height, int newWidth, int newHeight, int tokens)
    {
        var outputs = Run(width, height, ProcessorFile.Operation("Gemma4ImageTransform"));
        Assert.Equal([2520, 768], outputs[0].Shape.ToArray());
        Assert.Equal([2520, 2], outputs[1].Shape.ToArray());
        Assert.Equal([tokens], outputs[2].Int64s.ToArray());
        var positions = outputs[1].Int64s.ToArray().Chunk(2).ToArray();
        Assert.Equal(tokens * 9, positions.Count(position => position[0] >= 0));
        Assert.Equal([(newWidth / 16) - 1, (newHeight / 16) - 1], positions[(tokens * 9) - 1]);
        Assert.All(positions[(tokens * 9)..], position => Assert.Equal([-1, -1], position));
    }

    private static long[] Grid(int width, int height, int patch, long least, long most)
    {
        var outputs = Run(
            width,
            height,
            ProcessorFile.Operation(
                "Resize",
                $$"""{"smart_resize": 1, "min_pixels": {{least}}, "max_pixels": {{most}}, "patch_size": {{patch}}, "merge_size": 2}"""),
            ProcessorFile.Operation("Rescale"),
            ProcessorFile.Operation("PatchImage", $$"""{"patch_size": {{patch}}}"""));
        var grid = outputs[1].Int64s.ToArray();
        Assert.Equal([grid[1] * grid[2], 6 * patch * patch], outputs[0].Shape.ToArray().Select(axis => (long)axis));
        return grid;
    }

    private static IReadOnlyList<ImageTensor> Run(int width, int height, params string[] operations) => ProcessorFile
        .LoadOperations([ProcessorFile.Decode, .. operations])
        .Process(new RgbImage(width, height, new byte[width * height * 3]));
}
