using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Images.Preprocessors;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>Hugging Face preprocessor files beyond those of the zoo; numbers derived by hand from the rules of transformers.</summary>
public sealed class ImagePreprocessorTests : IDisposable
{
    private const string Raw = "\"do_rescale\": false, \"do_normalize\": false";

    private const string ToTwo = $"\"image_processor_type\": \"SiglipImageProcessor\", {Raw}, \"size\": {{\"height\": 1, \"width\": 2}}";

    private readonly string _folder = Directory.CreateTempSubdirectory("preprocessor-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("CLIPImageProcessor", 640, 480, 224, 224)]
    [InlineData("CLIPImageProcessorFast", 640, 480, 224, 224)]
    [InlineData("SiglipImageProcessorPil", 640, 480, 224, 224)]
    [InlineData("LlavaOnevisionImageProcessor", 640, 480, 384, 384)]
    [InlineData("Qwen2VLImageProcessorFast", 640, 480, 644, 476)]
    [InlineData("PixtralImageProcessor", 2000, 1000, 1024, 512)]
    [InlineData("GotOcr2ImageProcessorFast", 640, 480, 384, 384)]
    [InlineData("SmolVLMImageProcessor", 640, 480, 364, 364)]
    public void Types_are_found_whatever_implementation_they_name(string type, int width, int height, int frameWidth, int frameHeight)
    {
        var layout = Load($"\"image_processor_type\": \"{type}\"").LayoutOf(width, height);
        Assert.Equal((frameWidth, frameHeight), (layout.FrameWidth, layout.FrameHeight));
        Assert.Equal((width, height), (layout.OriginalWidth, layout.OriginalHeight));
    }

    [Fact]
    public void Newer_folders_keep_the_fields_in_the_processor_file()
    {
        File.WriteAllText(
            Path.Combine(_folder, "processor_config.json"),
            """
            {"processor_class": "P", "image_processor": {"image_processor_type": "SiglipImageProcessor", "size": {"height": 8, "width": 6}}}
            """);
        var layout = ImagePreprocessors.Load(_folder).LayoutOf(100, 100);
        Assert.Equal((6, 8), (layout.FrameWidth, layout.FrameHeight));
        File.WriteAllText(Path.Combine(_folder, "processor_config.json"), """{"processor_class": "P"}""");
        var exception = Assert.Throws<InvalidDataException>(() => ImagePreprocessors.Load(_folder));
        Assert.Contains("image_processor", exception.Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(_folder, "processor_config.json"));
        Assert.Throws<FileNotFoundException>(() => ImagePreprocessors.Load(_folder));
    }

    [Fact]
    public void Unknown_types_run_where_they_say_no_more_than_usual_and_are_refused_otherwise()
    {
        const string usual = "\"image_processor_type\": \"XImageProcessor\", \"size\": {\"height\": 8, \"width\": 8}, "
            + "\"image_mean\": [0.5, 0.5, 0.5], \"image_std\": [0.5, 0.5, 0.5], \"do_resize\": true, \"do_center_crop\": false";
        Assert.Equal([1, 3, 8, 8], Pixels(usual, new RgbImage(2, 2, new byte[12])).Shape.ToArray());
        var exception = Assert.Throws<NotSupportedException>(() => Load(usual + ", \"num_crops\": 4"));
        Assert.Contains("XImageProcessor", exception.Message, StringComparison.Ordinal);
        Assert.Contains("num_crops", exception.Message, StringComparison.Ordinal);
        exception = Assert.Throws<NotSupportedException>(() => Load("\"image_mean\": 0.5, \"image_std\": 0.5"));
        Assert.Contains("'size'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"resample\": 9", "resample")]
    [InlineData("\"resample\": \"x\"", "resample")]
    [InlineData("\"size\": {\"depth\": 3}", "size")]
    [InlineData("\"size\": {\"height\": 0, \"width\": 3}", "size.height")]
    [InlineData("\"image_mean\": [1, 2]", "image_mean")]
    [InlineData("\"image_std\": [1, 0, 1]", "image_std")]
    [InlineData("\"do_resize\": 1", "do_resize")]
    public void Wrong_values_are_named_with_file_and_field(string field, string name)
    {
        var exception = Assert.Throws<InvalidDataException>(() => Load("\"image_processor_type\": \"CLIPImageProcessor\", " + field));
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.Contains("preprocessor_config.json", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"do_pan_and_scan\": true")]
    [InlineData("\"do_flip_channel_order\": true")]
    public void What_is_not_done_is_refused(string field) =>
        Assert.Throws<NotSupportedException>(() => Load("\"image_processor_type\": \"Gemma3ImageProcessor\", " + field));

    [Fact]
    public void Broken_files_are_named()
    {
        File.WriteAllText(Path.Combine(_folder, "preprocessor_config.json"), "{");
        var exception = Assert.Throws<ModelFolderException>(() => ImagePreprocessors.Load(_folder));
        Assert.Contains("preprocessor_config.json", exception.Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "preprocessor_config.json"), "[]");
        Assert.Throws<ModelFolderException>(() => ImagePreprocessors.Load(_folder));
    }

    [Theory]
    [InlineData("{\"shortest_edge\": 336}", 640, 480, 448, 336)]
    [InlineData("{\"shortest_edge\": 336}", 481, 640, 336, 447)]
    [InlineData("{\"longest_edge\": 100}", 640, 480, 100, 75)]
    [InlineData("{\"longest_edge\": 100}", 5, 3, 100, 60)]
    [InlineData("{\"height\": 10, \"width\": 20}", 640, 480, 20, 10)]
    [InlineData("[10, 20]", 640, 480, 20, 10)]
    [InlineData("12", 640, 480, 12, 12)]
    [InlineData("{\"shortest_edge\": 100, \"longest_edge\": 120}", 640, 480, 120, 90)]
    [InlineData("{\"shortest_edge\": 100, \"longest_edge\": 200}", 640, 480, 133, 100)]
    [InlineData("{\"max_height\": 30, \"max_width\": 100}", 640, 480, 40, 30)]
    public void All_forms_of_size_are_known(string size, int width, int height, int newWidth, int newHeight)
    {
        var layout = Load($"\"image_processor_type\": \"SiglipImageProcessor\", \"size\": {size}").LayoutOf(width, height);
        Assert.Equal((newWidth, newHeight), (layout.FrameWidth, layout.FrameHeight));
    }

    [Fact]
    public void A_bare_size_of_Clip_is_the_short_side()
    {
        var layout = Load("\"image_processor_type\": \"CLIPImageProcessor\", \"size\": 12, \"do_center_crop\": false").LayoutOf(640, 480);
        Assert.Equal((12, 12), (layout.FrameHeight, layout.FrameWidth * 3 / 4));
    }

    [Fact]
    public void The_middle_is_cut_out_and_what_is_missing_is_black()
    {
        var fields = $"\"image_processor_type\": \"CLIPImageProcessor\", \"do_resize\": false, {Raw}, \"crop_size\": ";
        var row = new RgbImage(5, 1, [.. Enumerable.Range(1, 5).SelectMany(v => Enumerable.Repeat((byte)v, 3))]);
        Assert.Equal([1, 2, 3, 4], Pixels(fields + "{\"height\": 1, \"width\": 4}", row).Singles[..4].ToArray());
        Assert.Equal([2, 3, 4], Pixels(fields + "{\"height\": 1, \"width\": 3}", row).Singles[..3].ToArray());
        Assert.Equal([0, 0, 9, 0], Pixels(fields + "{\"height\": 1, \"width\": 4}", Dot(9)).Singles[..4].ToArray());
        Assert.Equal([0, 9, 0], Pixels(fields + "3", Dot(9)).Singles[3..6].ToArray());
    }

    [Fact]
    public void Llava_pads_to_a_square_of_the_mean_colour_before_it_resizes()
    {
        var fields = $"\"image_processor_type\": \"LlavaImageProcessor\", {Raw}, \"do_resize\": false, \"do_pad\": true, "
            + "\"do_center_crop\": false, \"image_mean\": [0.5, 0.25, 1.0]";
        var pixels = Pixels(fields, new RgbImage(3, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]));
        Assert.Equal([1, 3, 3, 3], pixels.Shape.ToArray());
        float[] red = [127, 127, 127, 1, 4, 7, 127, 127, 127];
        float[] green = [63, 63, 63, 2, 5, 8, 63, 63, 63];
        float[] blue = [255, 255, 255, 3, 6, 9, 255, 255, 255];
        Assert.Equal([.. red, .. green, .. blue], pixels.Singles.ToArray());
    }

    [Fact]
    public void Padding_behind_normalisation_is_zero()
    {
        const string fields = "\"image_processor_type\": \"SiglipImageProcessor\", \"do_resize\": false, \"do_pad\": true, "
            + "\"pad_size\": {\"height\": 2, \"width\": 2}";
        Assert.Equal([1f, 0, 0, 0], Pixels(fields, Dot(255)).Singles[..4].ToArray());
        var exception = Assert.Throws<NotSupportedException>(() => Pixels(fields, new RgbImage(3, 1, new byte[9])));
        Assert.Contains("3 x 1", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, new float[] { 20, 40 })]
    [InlineData(4, new float[] { 15, 35 })]
    public void Nearest_and_box_take_one_pixel_or_the_mean(int resample, float[] expected)
    {
        var row = new RgbImage(4, 1, [.. new byte[] { 10, 20, 30, 40 }.SelectMany(v => Enumerable.Repeat(v, 3))]);
        var fields = $"{ToTwo}, \"resample\": {resample}";
        Assert.Equal(expected, Pixels(fields, row).Singles[..2].ToArray());
    }

    [Fact]
    public void Hamming_weighs_as_its_formula_says()
    {
        // From 4 to 2: the scale is 2, so pixels lie 1/4 and 3/4 from the centre; weights sinc(x) (0.54 + 0.46 cos(pi x)).
        static double Weight(double x) => Math.Sin(Math.PI * x) / (Math.PI * x) * (0.54 + (0.46 * Math.Cos(Math.PI * x)));
        var (near, far) = (Weight(0.25), Weight(0.75));
        var expected = ((0 * near) + (100 * near) + (200 * far)) / (near + near + far);
        var row = new RgbImage(4, 1, [.. new byte[] { 0, 100, 200, 50 }.SelectMany(v => Enumerable.Repeat(v, 3))]);
        const string fields = ToTwo + ", \"resample\": 5";
        Assert.Equal((float)Math.Round(expected), Pixels(fields, row).Singles.Span[0]);
    }

    [Theory]
    [InlineData(224, 224, 12845056, 16, 16)]
    [InlineData(640, 480, 12845056, 34, 46)]
    [InlineData(640, 480, 200704, 26, 36)]
    [InlineData(1920, 1080, 12845056, 78, 138)]
    [InlineData(1920, 1080, 200704, 24, 42)]

    // 70 and 42 are 2.5 and 1.5 units of 28: Python rounds both to 2, and twice 56 x 56 is not below the least of 3136.
    [InlineData(70, 42, 12845056, 4, 4)]
    public void Qwen_sizes_are_those_of_Python(int width, int height, int most, int rows, int columns)
    {
        var preprocessor = Load($"\"image_processor_type\": \"Qwen2VLImageProcessor\", \"min_pixels\": 3136, \"max_pixels\": {most}");
        Assert.Equal((rows, columns), preprocessor.LayoutOf(width, height).PatchGrid);
    }

    [Fact]
    public void A_white_picture_of_Qwen_has_the_published_mean()
    {
        var white = new byte[224 * 224 * 3];
        white.AsSpan().Fill(255);
        var pixels = Pixels("\"image_processor_type\": \"Qwen2VLImageProcessor\"", new RgbImage(224, 224, white));
        Assert.Equal([256, 1176], pixels.Shape.ToArray());
        Assert.Equal(2.050372, pixels.Singles.ToArray().Average(v => (double)v), 1e-6);
    }

    [Fact]
    public void Older_names_of_the_pixel_counts_win()
    {
        const string type = "\"image_processor_type\": \"Qwen2VLImageProcessor\"";
        var both = Load($"{type}, \"max_pixels\": 200704, \"size\": {{\"shortest_edge\": 3136, \"longest_edge\": 12845056}}");
        Assert.Equal((26, 36), both.LayoutOf(640, 480).PatchGrid);
        var inside = Load($"{type}, \"size\": {{\"min_pixels\": 3136, \"max_pixels\": 200704}}");
        Assert.Equal((26, 36), inside.LayoutOf(640, 480).PatchGrid);
    }

    [Theory]
    [InlineData(500, 500, 4, 4)]
    [InlineData(100, 100, 4, 4)]
    [InlineData(800, 600, 3, 4)]
    [InlineData(1920, 1080, 3, 4)]
    [InlineData(600, 300, 2, 4)]
    [InlineData(300, 600, 4, 2)]
    [InlineData(900, 300, 2, 4)]
    [InlineData(16384, 1, 1, 4)]
    public void SmolVlm_tiles_are_those_of_the_specification(int width, int height, int rows, int columns)
    {
        const string fields = "\"image_processor_type\": \"Idefics3ImageProcessor\", \"size\": {\"longest_edge\": 2048}, "
            + "\"max_image_size\": {\"longest_edge\": 512}";
        Assert.Equal(new TileLayout(rows, columns, GlobalFrame.Last), Load(fields).LayoutOf(width, height).Tiles);
        var whole = Load(fields, new ImagePreprocessorOptions { SplitImages = false }).LayoutOf(width, height);
        Assert.Equal((1, new TileLayout(0, 0, GlobalFrame.Last)), (whole.Frames, whole.Tiles));
    }

    [Theory]
    [InlineData(896, 448, 1, 2)]
    [InlineData(1792, 896, 2, 4)]
    [InlineData(448, 448, 1, 1)]
    [InlineData(300, 3000, 10, 1)]
    public void InternVl_takes_the_canvas_with_the_closest_ratio(int width, int height, int rows, int columns)
    {
        const string fields = "\"image_processor_type\": \"GotOcr2ImageProcessorFast\", \"size\": {\"height\": 448, \"width\": 448}, "
            + "\"crop_to_patches\": false, \"min_patches\": 1, \"max_patches\": 12, \"crop_size\": null";
        Assert.Null(Load(fields).LayoutOf(width, height).Tiles);
        var preprocessor = Load(fields, new ImagePreprocessorOptions { SplitImages = true });
        var global = rows * columns == 1 ? GlobalFrame.None : GlobalFrame.Last;
        Assert.Equal(new TileLayout(rows, columns, global), preprocessor.LayoutOf(width, height).Tiles);
        var frames = (rows * columns) + (global == GlobalFrame.None ? 0 : 1);
        var processed = preprocessor.Process(new RgbImage(width, height, new byte[width * height * 3]));
        Assert.Equal([frames, 3, 448, 448], processed.Inputs["pixel_values"].Shape.ToArray());
    }

    [Theory]

    // Wide pictures: 672 x 336 keeps more than 336 x 672; a square of 500 is kept whole by 672 x 672 alone.
    [InlineData(800, 400, 1, 2)]
    [InlineData(400, 800, 2, 1)]
    [InlineData(500, 500, 2, 2)]
    [InlineData(1500, 400, 1, 3)]
    public void LlavaNext_takes_the_resolution_that_keeps_most(int width, int height, int rows, int columns)
    {
        var preprocessor = Load(
            "\"image_processor_type\": \"LlavaNextImageProcessor\", \"size\": {\"shortest_edge\": 336}, "
            + "\"crop_size\": {\"height\": 336, \"width\": 336}, "
            + "\"image_grid_pinpoints\": [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]");
        var processed = preprocessor.Process(new RgbImage(width, height, new byte[width * height * 3]));
        Assert.Equal((rows, columns, GlobalFrame.First), (processed.Tiles!.Rows, processed.Tiles.Columns, processed.Tiles.Global));
        Assert.Equal((columns * 336, rows * 336), processed.Tiles.BestResolution);
        Assert.Equal([1, (rows * columns) + 1, 3, 336, 336], processed.Inputs["pixel_values"].Shape.ToArray());
        Assert.Equal([height, width], processed.Inputs["image_sizes"].Int64s.ToArray());
    }

    [Fact]
    public void Pixtral_goes_up_to_whole_patches()
    {
        var preprocessor = Load("\"image_processor_type\": \"PixtralImageProcessor\", \"patch_size\": {\"height\": 16, \"width\": 16}");
        var processed = preprocessor.Process(new RgbImage(100, 60, new byte[18000]));
        Assert.Equal([1, 3, 64, 112], processed.Inputs["pixel_values"].Shape.ToArray());
        Assert.Equal([64, 112], processed.Inputs["image_sizes"].Int64s.ToArray());
        Assert.Equal((4, 7), processed.Layout.PatchGrid);
    }

    [Theory]
    [InlineData("CLIPImageProcessor", 1, 16384)]
    [InlineData("Qwen2VLImageProcessor", 16384, 1)]
    [InlineData("PixtralImageProcessor", 16384, 1)]
    public void Extreme_pictures_are_refused_with_their_size(string type, int width, int height)
    {
        var size = type == "CLIPImageProcessor" ? ", \"size\": {\"shortest_edge\": 336}, \"crop_size\": 336" : "";
        var preprocessor = Load($"\"image_processor_type\": \"{type}\"{size}");
        var image = new RgbImage(width, height, new byte[width * height * 3]);
        var exception = Assert.Throws<NotSupportedException>(() => preprocessor.Process(image));
        Assert.Contains($"{width} x {height}", exception.Message, StringComparison.Ordinal);
    }

    private static RgbImage Dot(byte value) => new(1, 1, [value, value, value]);

    private ImageTensor Pixels(string fields, RgbImage image) => Load(fields).Process(image).Inputs["pixel_values"];

    private ImagePreprocessor Load(string fields, ImagePreprocessorOptions? options = null)
    {
        File.WriteAllText(Path.Combine(_folder, "preprocessor_config.json"), "{" + fields + "}");
        return ImagePreprocessors.Load(_folder, options);
    }
}
