using ZoPrune.AI.Onnx.Images;
using static ZoPrune.AI.Onnx.Tests.Images.ProcessorFile;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>Operations that cut pictures, checked on pictures whose pixels all differ.</summary>
public class TileOperationTests
{
    private const string NoScaling = """{"rescale_factor": 1.0}""";

    [Fact]
    public void Patches_stand_in_blocks_and_hold_channel_time_row_column()
    {
        // 4 x 4 patches of 2 x 2 pixels, merged 2 x 2; the pixel (y, x, c) has the value 3 (8 y + x) + c.
        var outputs = LoadOperations(
            Decode,
            Operation("Rescale", NoScaling),
            Operation("PatchImage", """{"patch_size": 2, "temporal_patch_size": 2, "merge_size": 2}"""))
            .Process(Ramp(8, 8));
        Assert.Equal([16, 24], outputs[0].Shape.ToArray());
        Assert.Equal([1, 3], outputs[1].Shape.ToArray());
        Assert.Equal([1, 4, 4], outputs[1].Int64s.ToArray());
        var values = outputs[0].Singles.Span;
        for (var patchY = 0; patchY < 4; patchY++)
        {
            for (var patchX = 0; patchX < 4; patchX++)
            {
                var row = ((((((patchY / 2) * 2) + (patchX / 2)) * 2) + (patchY % 2)) * 2) + (patchX % 2);
                for (var column = 0; column < 24; column++)
                {
                    var (channel, y, x) = (column / 8, column / 2 % 2, column % 2);
                    Assert.Equal((3 * ((8 * ((patchY * 2) + y)) + (patchX * 2) + x)) + channel, values[(row * 24) + column]);
                }
            }
        }
    }

    [Theory]
    [InlineData(28, 27)]
    [InlineData(42, 56)]
    public void Pictures_that_are_no_whole_blocks_are_refused_with_their_size(int width, int height)
    {
        var processor = LoadOperations(Decode, Operation("Rescale"), Operation("PatchImage"));
        var exception = Assert.Throws<NotSupportedException>(() => processor.Process(Blank(width, height)));
        Assert.Contains($"{width} x {height}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("multiples of 28", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16384, 1)]
    [InlineData(1, 16384)]
    [InlineData(12000, 2)]
    public void Extreme_pictures_are_refused_by_phi3(int width, int height)
    {
        var processor = LoadOperations(Decode, Operation("Phi3ImageTransform"));
        var exception = Assert.Throws<NotSupportedException>(() => processor.Process(Blank(width, height)));
        Assert.Contains($"{width} x {height}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16384, 3)]
    [InlineData(2, 16384)]
    public void Extreme_pictures_are_refused_by_phi4(int width, int height)
    {
        var processor = LoadOperations(Decode, Operation("Phi4VisionDynamicPreprocess"));
        var exception = Assert.Throws<NotSupportedException>(() => processor.Process(Blank(width, height)));
        Assert.Contains($"{width} x {height}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5000, 2048, 5, 2)]
    [InlineData(6000, 2000, 9, 3)]
    [InlineData(2000, 6000, 3, 9)]
    [InlineData(3000, 3000, 6, 6)]
    public void Too_many_tiles_become_the_grid_with_the_closest_ratio(int width, int height, int columns, int rows)
    {
        // 5000 / 2048 = 2.44: of the grids up to 36 tiles 5 x 2 (2.5) is closest, then 10 x 4 has 40. 3: 3 x 1, 6 x 2 and 9 x 3 tie, and
        // the area of 12 million is more than half of each.
        var processor = LoadOperations(Decode, Operation("Phi4VisionDynamicPreprocess", """{"dynamic_hd": 36}"""));
        var picture = processor.Process(Blank(width, height))[0];
        Assert.Equal([rows * 448, columns * 448, 3], picture.Shape.ToArray());
    }

    [Fact]
    public void The_mask_of_phi4_has_zeros_where_there_is_only_padding()
    {
        // 100 x 60: 448 x 268, so 180 rows of padding: 12 rows of patches.
        var outputs = LoadOperations(Decode, Operation("Phi4VisionDynamicPreprocess")).Process(Blank(100, 60));
        Assert.Equal([448, 448, 3], outputs[0].Shape.ToArray());
        Assert.Equal([32, 32], outputs[1].Shape.ToArray());
        Assert.Equal(
            Enumerable.Range(0, 32 * 32).Select(i => i / 32 < 20 ? 1L : 0L), outputs[1].Int64s.ToArray());
        Assert.All(outputs[0].Bytes[(268 * 448 * 3)..].ToArray(), value => Assert.Equal(255, value));
        Assert.All(outputs[0].Bytes[..(267 * 448 * 3)].ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Gemma4_neither_clamps_nor_rounds_and_keeps_y_x_channel()
    {
        // 2 x 2 patches of 2 x 2 pixels and a budget that a picture of 4 x 4 fills exactly: nothing is resized.
        var outputs = LoadOperations(
            Decode, Operation("Gemma4ImageTransform", """{"patch_size": 2, "pooling_kernel_size": 1, "max_soft_tokens": 4}"""))
            .Process(Ramp(4, 4));
        Assert.Equal([4, 12], outputs[0].Shape.ToArray());
        Assert.Equal([0, 0, 1, 0, 0, 1, 1, 1], outputs[1].Int64s.ToArray());
        Assert.Equal([4], outputs[2].Int64s.ToArray());
        int[] second = [6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23];
        Assert.Equal(second.Select(value => value * (1f / 255f)), outputs[0].Singles[12..24].ToArray());
    }

    [Fact]
    public void Gemma4_overshoots_at_edges()
    {
        // A black and a white half enlarged by cubic convolution: values below 0 and above 1 stay.
        var pixels = Enumerable.Range(0, 8 * 8).SelectMany(i => Enumerable.Repeat(i % 8 < 4 ? (byte)0 : (byte)255, 3)).ToArray();
        var outputs = LoadOperations(
            Decode, Operation("Gemma4ImageTransform", """{"patch_size": 4, "pooling_kernel_size": 1, "max_soft_tokens": 16}"""))
            .Process(new RgbImage(8, 8, pixels));
        var values = outputs[0].Singles.ToArray();
        Assert.True(values.Min() < -0.01f && values.Max() > 1.01f, $"{values.Min()} to {values.Max()}");
    }

    [Theory]
    [InlineData(16000, 1, 48 * 280, 48)]
    [InlineData(1, 16000, 48, 48 * 280)]
    public void Gemma4_gives_thin_pictures_one_row_of_pooled_patches(int width, int height, int newWidth, int newHeight)
    {
        var outputs = LoadOperations(Decode, Operation("Gemma4ImageTransform")).Process(Blank(width, height));
        Assert.Equal([newWidth / 48 * (newHeight / 48)], outputs[2].Int64s.ToArray());
    }

    [Fact]
    public void The_aligner_fills_masks_of_tiles_that_begin_with_zero()
    {
        var processor = Load(
            """
            {"processor": {"output_aligner": "phi4-vision-aligner", "transforms": [
            """ + string.Join(
                ",",
                Decode,
                Operation("Phi4VisionDynamicPreprocess", name: "tiles"),
                Operation("Rescale", inputs: """[":0"]"""),
                Operation("Phi4VisionProcessor", inputs: """[":0", "tiles:1"]""")) + "]}}");

        // One tile and two: the stacked mask of the first has a tile of zeros, which becomes ones; 12 rows of padding stay zero.
        var outputs = processor.ProcessTogether([Blank(100, 60), Blank(800, 400)]);
        Assert.Equal([2, 3, 32, 32], outputs[2].Shape.ToArray());
        var sums = outputs[2].Singles.ToArray().Chunk(1024).Select(tile => tile.Sum());
        Assert.Equal([1024f, 20 * 32, 1024, 1024, 1024, 1024], sums);
        Assert.Equal([2, 3, 3, 448, 448], outputs[0].Shape.ToArray());
    }

    [Fact]
    public void An_aligner_behind_other_operations_is_a_fault()
    {
        var processor = Load("{\"processor\": {\"output_aligner\": \"phi4-vision-aligner\", \"transforms\": [" + Decode + "]}}");
        Assert.Throws<InvalidDataException>(() => processor.Process(Blank(4, 4)));
    }

    [Fact]
    public void Smaller_tensors_are_padded_at_the_end_of_each_axis()
    {
        var small = new ImageTensor(new float[] { 1, 2, 3, 4 }, 2, 2);
        var large = new ImageTensor(new float[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, 3, 3);
        var stacked = Assert.Single(ImageStack.Stack([[small], [large]]));
        Assert.Equal([2, 3, 3], stacked.Shape.ToArray());
        Assert.Equal([1, 2, 0, 3, 4, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9], stacked.Singles.ToArray());
        var wide = new ImageTensor(new float[4], 1, 4);
        Assert.Throws<NotSupportedException>(() => ImageStack.Stack([[wide], [large]]));
        Assert.Throws<NotSupportedException>(() => ImageStack.Stack([[wide], [new ImageTensor(new long[4], 1, 4)]]));
        var masks = Assert.Single(ImageStack.Stack([[new ImageTensor(new[] { true }, 1)], [new ImageTensor(new[] { true, false }, 2)]]));
        Assert.Equal([true, false, true, false], masks.Booleans.ToArray());
    }

    private static RgbImage Blank(int width, int height) => new(width, height, new byte[width * height * 3]);

    private static RgbImage Ramp(int width, int height) =>
        new(width, height, [.. Enumerable.Range(0, width * height * 3).Select(i => (byte)i)]);
}
