using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;
using static ZoPrune.AI.Onnx.Tests.Images.ProcessorFile;

namespace ZoPrune.AI.Onnx.Tests.Images;

public class ImageProcessorTests
{
    private static readonly RgbImage OnePixel = new(1, 1, [10, 20, 30]);

    [Theory]
    [InlineData("gemma3")]
    [InlineData("gemma3-rank3")]
    public void The_fixed_size_of_a_folder_is_known(string folder) =>
        Assert.Equal((64, 64), ImageProcessor.Load(TestData.PathTo("zoo", "genai", folder, "processor_config.json")).FixedSize);

    [Fact]
    public void The_fixed_size_follows_the_operations()
    {
        Assert.Null(LoadOperations(Decode).FixedSize);
        Assert.Null(LoadOperations(Decode, Operation("Resize", """{"smart_resize": 1}""")).FixedSize);
        Assert.Equal((9, 7), LoadOperations(Decode, Operation("Resize", """{"width": 9, "height": 7}"""), Operation("Rescale")).FixedSize);
        Assert.Equal(
            (4, 3), LoadOperations(Decode, Operation("Resize"), Operation("CenterCrop", """{"width": 4, "height": 3}""")).FixedSize);
    }

    [Fact]
    public void Two_threads_get_the_values_of_one()
    {
        var processor = ImageProcessor.Load(TestData.PathTo("zoo", "genai", "gemma3", "processor_config.json"));
        var images = new[] { "odd97x83.png", "large300x220.png", "wide120x60.png", "tiny5x3.png" }.Select(ImageFiles.Decode).ToArray();
        var expected = images.Select(image => processor.Process(image)[0].Singles.ToArray()).ToArray();
        var actual = new float[64][];
        Parallel.For(0, actual.Length, i => actual[i] = processor.Process(images[i % images.Length])[0].Singles.ToArray());
        Assert.All(Enumerable.Range(0, actual.Length), i => Assert.Equal(expected[i % images.Length], actual[i]));
    }

    [Theory]
    [InlineData("", "is not valid JSON")]
    [InlineData("{\"processor\": ", "is not valid JSON")]
    [InlineData("[]", "does not hold a JSON object")]
    [InlineData("{\"image_processor_type\": \"CLIPImageProcessor\"}", "has no 'processor' object")]
    [InlineData("{\"processor\": []}", "has no 'processor' object")]
    [InlineData("{\"processor\": {}}", "has no operations")]
    [InlineData("{\"processor\": {\"transforms\": {}}}", "has no operations")]
    [InlineData("{\"processor\": {\"transforms\": []}}", "has no operations")]
    [InlineData("{\"processor\": {\"transforms\": [1]}}", "entry 1 of 'processor.transforms' has no 'operation' object")]
    [InlineData("{\"processor\": {\"transforms\": [{}]}}", "entry 1 of 'processor.transforms' has no 'operation' object")]
    [InlineData("{\"processor\": {\"transforms\": [{\"operation\": {\"type\": \"Resize\"}}]}}", "operation 1 has no 'name' string")]
    [InlineData("{\"processor\": {\"transforms\": [{\"operation\": {\"name\": \"r\"}}]}}", "operation 1 has no 'type' string")]
    public void Malformed_files_are_named(string content, string problem)
    {
        var exception = Record.Exception(() => Load(content));
        Assert.True(exception is InvalidDataException or ModelFolderException, exception?.ToString());
        Assert.Contains(problem, exception!.Message, StringComparison.Ordinal);
        Assert.Contains("processor-", exception!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_no_error() =>
        Assert.NotEmpty(Load("\uFEFF{\"processor\": {\"transforms\": [" + Decode + "]}}").Process(OnePixel));

    [Fact]
    public void A_missing_file_is_named()
    {
        var exception = Assert.Throws<ModelFolderException>(() => ImageProcessor.Load("nowhere.json"));
        Assert.Contains("nowhere.json", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_types_are_named_with_the_supported_ones()
    {
        var exception = Assert.Throws<NotSupportedException>(() => LoadOperations(Decode, Operation("TileImage", name: "tile")));
        Assert.Contains("'tile' (TileImage)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("processor-", exception.Message, StringComparison.Ordinal);
        Assert.Contains(
            "CenterCrop, ConvertRGB, DecodeImage, Gemma4ImageTransform, Normalize, PatchImage, Permute3D, Phi3ImageTransform, "
            + "Phi4VisionDynamicPreprocess, Phi4VisionProcessor, PixtralImageSizes, Rescale, Resize.",
            exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_transform_of_Llama_vision_is_refused_by_name()
    {
        var exception = Assert.Throws<NotSupportedException>(() => LoadOperations(Decode, Operation("Llama3ImageTransform", name: "tile")));
        Assert.Contains("'tile' (Llama3ImageTransform)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Llama 3.2 vision", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_aligner_is_not_ignored() => Assert.Throws<NotSupportedException>(
        () => Load("{\"processor\": {\"output_aligner\": \"other-aligner\", \"transforms\": [" + Decode + "]}}"));

    [Theory]
    [InlineData("DecodeImage", "{\"colour_space\": \"RGB\"}", "unknown attribute 'colour_space'. Known attributes: color_space.")]
    [InlineData("DecodeImage", "{\"color_space\": \"CMYK\"}", "must be RGB or BGR")]
    [InlineData("DecodeImage", "{\"color_space\": 1}", "must be a string")]
    [InlineData("DecodeImage", "[]", "'attrs' that are no JSON object")]
    public void Wrong_attributes_of_the_decoding_are_errors(string type, string attributes, string problem)
    {
        var exception = Assert.Throws<InvalidDataException>(() => LoadOperations(Operation(type, attributes)));
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Resize", "{\"size\": 3}", "unknown attribute 'size'")]
    [InlineData("Resize", "{\"width\": 64.0}", "'width' = 64.0; it must be an integer")]
    [InlineData("Resize", "{\"width\": \"64\"}", "it must be an integer")]
    [InlineData("Resize", "{\"width\": 0}", "'width' = 0; it must lie between 1 and 65536")]
    [InlineData("Resize", "{\"keep_aspect_ratio\": true}", "'keep_aspect_ratio' = true; it must be an integer")]
    [InlineData("Resize", "{\"interpolation\": \"AREA\"}", "must be LINEAR, CUBIC or LANCZOS")]
    [InlineData("Rescale", "{\"rescale_factor\": 1}", "'rescale_factor' = 1; it must be a number with a decimal point")]
    [InlineData("Rescale", "{\"scale\": 1.0}", "unknown attribute 'scale'")]
    [InlineData("Normalize", "{\"mean\": [0, 0, 0]}", "'mean' = 0; it must be a number with a decimal point")]
    [InlineData("Normalize", "{\"mean\": [0.5, 0.5]}", "it must be an array of 3 numbers")]
    [InlineData("Permute3D", "{\"dims\": [0, 1, 1]}", "no order of 0, 1 and 2")]
    [InlineData("Permute3D", "{\"dims\": [0.0, 1.0, 2.0]}", "it must be an integer")]
    [InlineData("CenterCrop", "{\"height\": -1}", "must lie between 1 and")]
    [InlineData("DecodeImage", "{}", "stands at place 2; DecodeImage must come first, and once")]
    public void Wrong_attributes_are_errors(string type, string attributes, string problem)
    {
        var exception = Assert.Throws<InvalidDataException>(() => LoadOperations(Decode, Operation(type, attributes)));
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
        Assert.Contains($"'{type}' ({type}) of ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nearest_is_refused_as_GenAI_refuses_it() => Assert.Throws<NotSupportedException>(
        () => LoadOperations(Decode, Operation("Resize", """{"interpolation": "NEAREST"}""")));

    [Fact]
    public void The_decoding_must_come_first()
    {
        var exception = Assert.Throws<InvalidDataException>(() => LoadOperations(Operation("Rescale"), Decode));
        Assert.Contains("DecodeImage must come first", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[\":0\"]")]
    [InlineData("[\":*\"]")]
    [InlineData("[\"decode:0\"]")]
    [InlineData("[\"decode:*\"]")]
    public void Inputs_are_found(string inputs)
    {
        var processor = LoadOperations(Decode, Operation("Rescale", """{"rescale_factor": 1.0}""", inputs));
        Assert.Equal([10f, 20f, 30f], processor.Process(OnePixel)[0].Singles.ToArray());
    }

    [Fact]
    public void Inputs_can_reach_back_over_operations()
    {
        var processor = LoadOperations(
            Decode, Operation("ConvertRGB"), Operation("Rescale", """{"rescale_factor": 1.0}""", "[\"decode:0\"]"));
        Assert.Equal([10f, 20f, 30f], processor.Process(OnePixel)[0].Singles.ToArray());
    }

    [Fact]
    public void Of_two_operations_with_one_name_the_later_is_meant()
    {
        var processor = LoadOperations(
            Decode, Operation("ConvertRGB", name: "decode"), Operation("Rescale", """{"rescale_factor": 1.0}""", "[\"decode:0\"]"));
        Assert.Equal([30f, 20f, 10f], processor.Process(OnePixel)[0].Singles.ToArray());
    }

    [Theory]
    [InlineData("[\"decode:1\"]", "'decode' has the outputs 0 to 0")]
    [InlineData("[\":x\"]", "'decode' has the outputs 0 to 0")]
    [InlineData("[\"resize:0\"]", "no operation of that name comes before it")]
    [InlineData("[\"decode\"]", "is not of the form")]
    [InlineData("[\":0\", \":0\"]", "takes 1 tensors, but is given 2")]
    [InlineData("[]", "takes 1 tensors, but is given 0")]
    [InlineData("[0]", "'inputs' that are no list of strings")]
    [InlineData("\":0\"", "'inputs' that are no list of strings")]
    public void Inputs_that_do_not_exist_are_errors(string inputs, string problem)
    {
        var exception = Assert.Throws<InvalidDataException>(() => LoadOperations(Decode, Operation("Rescale", inputs: inputs)));
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operations_that_do_not_fit_together_are_errors()
    {
        var exception = Assert.Throws<InvalidDataException>(() => LoadOperations(Decode, Operation("Normalize")).Process(OnePixel));
        Assert.Contains("takes Float32 [height, width, 3], but gets UInt8 [1, 1, 3].", exception.Message, StringComparison.Ordinal);
    }
}
