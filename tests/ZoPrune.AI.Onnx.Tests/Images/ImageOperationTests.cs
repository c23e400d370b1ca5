using ZoPrune.AI.Onnx.Images;
using static ZoPrune.AI.Onnx.Tests.Images.ProcessorFile;

namespace ZoPrune.AI.Onnx.Tests.Images;

public class ImageOperationTests
{
    private static readonly RgbImage TwoByTwo = new(2, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

    [Theory]
    [InlineData("RGB", new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 })]
    [InlineData("BGR", new byte[] { 3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10 })]
    [InlineData("bgr", new byte[] { 3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10 })]
    public void Decoding_honours_the_colour_order(string order, byte[] expected)
    {
        var output = LoadOperations(Operation("DecodeImage", $$"""{"color_space": "{{order}}"}""")).Process(TwoByTwo)[0];
        Assert.Equal(expected, output.Bytes.ToArray());
        Assert.Equal([2, 2, 3], output.Shape.ToArray());
    }

    [Fact]
    public void ConvertRGB_always_swaps_and_ignores_attributes()
    {
        var output = LoadOperations(Decode, Operation("ConvertRGB", """{"anything": [true]}""")).Process(TwoByTwo)[0];
        Assert.Equal([3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10], output.Bytes.ToArray());
    }

    [Fact]
    public void Rescale_multiplies_in_float32()
    {
        var values = LoadOperations(Decode, Operation("Rescale")).Process(TwoByTwo)[0].Singles.ToArray();
        Assert.Equal(Enumerable.Range(1, 12).Select(v => v * (1f / 255f)), values);
        values = LoadOperations(Decode, Operation("Rescale", """{"rescale_factor": 0.5}""")).Process(TwoByTwo)[0].Singles.ToArray();
        Assert.Equal(Enumerable.Range(1, 12).Select(v => v / 2f), values);
    }

    [Theory]
    [InlineData("", new float[] { 0, 0.5f, 0.5f, 3, 2, 1.25f })]
    [InlineData(", \"qwen2_5_vl\": 1", new float[] { 2, 0.5f, -0, 5, 2, 0.75f })]
    [InlineData(", \"qwen3_vl\": 1", new float[] { 2, 0.5f, -0, 5, 2, 0.75f })]
    [InlineData(", \"qwen3_vl\": 0", new float[] { 0, 0.5f, 0.5f, 3, 2, 1.25f })]
    public void Normalize_subtracts_and_divides_by_channel(string flag, float[] expected)
    {
        // Pixels (1, 2, 3) and (4, 5, 6): minus (1, 1, 1), over (1, 2, 4); with a flag the channels are swapped first.
        var processor = LoadOperations(
            Decode,
            Operation("Rescale", """{"rescale_factor": 1.0}"""),
            Operation("Normalize", $$"""{"mean": [1.0, 1.0, 1.0], "std": [1.0, 2.0, 4.0]{{flag}}}"""));
        Assert.Equal(expected, processor.Process(TwoByTwo)[0].Singles[..6].ToArray());
    }

    [Fact]
    public void Normalize_uses_the_CLIP_constants_by_default()
    {
        var processor = LoadOperations(Decode, Operation("Rescale", """{"rescale_factor": 1.0}"""), Operation("Normalize"));
        Assert.Equal(
            [(1 - 0.48145466f) / 0.26862954f, (2 - 0.4578275f) / 0.26130258f, (3 - 0.40821073f) / 0.27577711f],
            processor.Process(TwoByTwo)[0].Singles[..3].ToArray());
    }

    [Theory]
    [InlineData("{\"dims\": [2, 0, 1]}", new[] { 3, 1, 2 }, new float[] { 1, 4, 2, 5, 3, 6 })]
    [InlineData("{}", new[] { 2, 3, 1 }, new float[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData("{\"dims\": [1, 0, 2]}", new[] { 2, 1, 3 }, new float[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData("{\"dims\": [2, 1, 0]}", new[] { 3, 2, 1 }, new float[] { 1, 4, 2, 5, 3, 6 })]
    public void Permute3D_reorders_axes(string attributes, int[] shape, float[] expected)
    {
        var processor = LoadOperations(
            Decode, Operation("Rescale", """{"rescale_factor": 1.0}"""), Operation("Permute3D", attributes));
        var output = processor.Process(new RgbImage(2, 1, [1, 2, 3, 4, 5, 6]))[0];
        Assert.Equal(shape, output.Shape.ToArray());
        Assert.Equal(expected, output.Singles.ToArray());
    }

    [Theory]
    [InlineData(4, 3, 2, 1, new byte[] { 5, 6 })]
    [InlineData(5, 4, 2, 1, new byte[] { 6, 7 })]
    [InlineData(2, 1, 2, 1, new byte[] { 0, 1 })]
    public void CenterCrop_truncates_the_offset(int width, int height, int newWidth, int newHeight, byte[] expected)
    {
        var pixels = Enumerable.Range(0, width * height).SelectMany(i => new[] { (byte)i, (byte)100, (byte)200 }).ToArray();
        var processor = LoadOperations(
            Decode, Operation("CenterCrop", $$"""{"width": {{newWidth}}, "height": {{newHeight}}}"""));
        var output = processor.Process(new RgbImage(width, height, pixels))[0];
        Assert.Equal([newHeight, newWidth, 3], output.Shape.ToArray());
        Assert.Equal(expected.SelectMany(i => new[] { i, (byte)100, (byte)200 }), output.Bytes.ToArray());
    }

    [Fact]
    public void CenterCrop_does_not_enlarge()
    {
        var exception = Assert.Throws<NotSupportedException>(() => LoadOperations(Decode, Operation("CenterCrop")).Process(TwoByTwo));
        Assert.Contains("224 x 224 pixels out of 2 x 2", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", 256, 256)]
    [InlineData("{\"width\": 8, \"height\": 4, \"keep_aspect_ratio\": 1}", 8, 4)]
    [InlineData("{\"width\": 8, \"height\": 4, \"keep_aspect_ratio\": 0, \"interpolation\": \"LINEAR\"}", 8, 4)]
    public void Resize_stretches_whatever_keep_aspect_ratio_says(string attributes, int width, int height)
    {
        var output = LoadOperations(Decode, Operation("Resize", attributes)).Process(TwoByTwo)[0];
        Assert.Equal([height, width, 3], output.Shape.ToArray());
    }

    // The worked sizes of the format specification: Qwen2.5-VL, Qwen3-VL, Qwen3.5, mistral3.
    [Theory]
    [InlineData(14, 3136, 12845056, 640, 480, 644, 476)]
    [InlineData(14, 3136, 12845056, 480, 640, 476, 644)]
    [InlineData(14, 3136, 12845056, 1000, 600, 1008, 588)]
    [InlineData(14, 3136, 12845056, 1920, 1080, 1932, 1092)]
    [InlineData(14, 3136, 12845056, 336, 336, 336, 336)]
    [InlineData(14, 3136, 12845056, 100, 60, 112, 56)]
    [InlineData(16, 3136, 12845056, 1000, 600, 992, 608)]
    [InlineData(16, 3136, 12845056, 336, 336, 352, 352)]
    [InlineData(16, 3136, 12845056, 100, 60, 96, 64)]
    [InlineData(16, 65536, 16777216, 1080, 1920, 1088, 1920)]
    [InlineData(16, 65536, 16777216, 100, 60, 352, 224)]
    [InlineData(14, 784, 2371600, 1920, 1080, 1932, 1092)]
    [InlineData(14, 784, 2371600, 4000, 3000, 1764, 1316)]
    public void Smart_resize_gives_the_worked_sizes(
        int patch, int minPixels, int maxPixels, int width, int height, int newWidth, int newHeight)
    {
        var attributes = $$"""
            {
              "smart_resize": 1, "patch_size": {{patch}}, "interpolation": "LINEAR",
              "min_pixels": {{minPixels}}, "max_pixels": {{maxPixels}}
            }
            """;
        var picture = new RgbImage(width, height, new byte[width * height * 3]);
        var output = LoadOperations(Decode, Operation("Resize", attributes)).Process(picture);
        Assert.Equal([newHeight, newWidth, 3], output[0].Shape.ToArray());
    }

    [Fact]
    public void Smart_resize_refuses_extreme_pictures()
    {
        var processor = LoadOperations(Decode, Operation("Resize", """{"smart_resize": 1}"""));
        Assert.Equal([28, 5600, 3], processor.Process(new RgbImage(5600, 28, new byte[5600 * 28 * 3]))[0].Shape.ToArray());
        var exception = Assert.Throws<NotSupportedException>(() => processor.Process(new RgbImage(201, 1, new byte[201 * 3])));
        Assert.Contains("201 x 1", exception.Message, StringComparison.Ordinal);

        // Too many pixels on a very long picture: the short side would vanish.
        processor = LoadOperations(Decode, Operation("Resize", """{"smart_resize": 1, "max_pixels": 10000}"""));
        Assert.Throws<NotSupportedException>(() => processor.Process(new RgbImage(4000, 28, new byte[4000 * 28 * 3])));
    }
}
