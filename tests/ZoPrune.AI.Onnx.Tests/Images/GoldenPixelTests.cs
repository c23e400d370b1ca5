using System.Text.Json;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>Pixel values that ONNX Runtime GenAI 0.18.0 recorded for the folders' own operation lists.</summary>
public class GoldenPixelTests
{
    private static readonly string[] Folders = ["gemma3", "gemma3-rank3"];

    public static TheoryData<string, string> PngCases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var folder in Folders)
        {
            foreach (var file in Directory.EnumerateFiles(TestData.PathTo("zoo", "genai", folder, "goldens"), "*.json").Order())
            {
                using var golden = Read(folder, Path.GetFileNameWithoutExtension(file));
                if (Images(golden).Length > 0 && Images(golden).All(image => image.EndsWith(".png", StringComparison.Ordinal)))
                {
                    cases.Add(folder, Path.GetFileNameWithoutExtension(file));
                }
            }
        }

        return cases;
    }

    [Fact]
    public void All_png_cases_are_found() => Assert.Equal(42, PngCases().Count);

    [Theory]
    [MemberData(nameof(PngCases))]
    public void Png_pixel_values_equal_those_of_GenAI(string folder, string name)
    {
        using var golden = Read(folder, name);
        var expected = golden.RootElement.GetProperty("outputs").GetProperty("pixel_values");
        var (shape, values) = Process(folder, Images(golden));

        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()), shape);

        // Eight digits are written; a float32 value has at most nine, so half a unit of the eighth may be missing.
        var indices = expected.GetProperty("sample_index").EnumerateArray().Select(i => i.GetInt32()).ToArray();
        var samples = Numbers(expected.GetProperty("sample"));
        for (var i = 0; i < indices.Length; i++)
        {
            AssertClose(samples[i], values[indices[i]], 1e-7);
        }

        AssertClose(Number(expected, "sum"), values.Sum(v => (double)v), 1e-7);
        AssertClose(Number(expected, "mean_abs"), values.Average(v => Math.Abs((double)v)), 1e-7);
        var planes = Numbers(expected.GetProperty("plane_sums"));
        var planeLength = values.Length / planes.Length;
        for (var plane = 0; plane < planes.Length; plane++)
        {
            AssertClose(planes[plane], values.AsSpan(plane * planeLength, planeLength).ToArray().Sum(v => (double)v), 1e-7);
        }
    }

    [Fact]
    public void All_pixel_values_of_the_square_picture_equal_the_recorded_array()
    {
        var expected = NpyFile.Read(TestData.PathTo("zoo", "genai", "gemma3", "goldens", "square", "pixel_values.npy"));
        var (shape, values) = Process("gemma3", ["square56.png"]);
        Assert.Equal(expected.Shape, shape);
        Assert.Equal(expected.ToSingles(), values);
    }

    [Fact]
    public void Jpeg_without_chroma_subsampling_is_within_one_grey_level()
    {
        using var golden = Read("gemma3", "jpeg_tall");
        var expected = golden.RootElement.GetProperty("outputs").GetProperty("pixel_values");
        var (shape, values) = Process("gemma3", Images(golden));

        Assert.Equal([1, 3, 64, 64], shape);
        var indices = expected.GetProperty("sample_index").EnumerateArray().Select(i => i.GetInt32()).ToArray();
        var samples = Numbers(expected.GetProperty("sample"));
        for (var i = 0; i < indices.Length; i++)
        {
            Assert.InRange(values[indices[i]] - samples[i], -0.02, 0.02);
        }

        Assert.InRange(values.Average(v => (double)v) - (Number(expected, "sum") / values.Length), -0.005, 0.005);
    }

    [Fact]
    public void Jpeg_with_chroma_subsampling_has_the_same_shape_and_nearly_the_same_mean()
    {
        using var golden = Read("gemma3", "jpeg");
        var expected = golden.RootElement.GetProperty("outputs").GetProperty("pixel_values");
        var (shape, values) = Process("gemma3", Images(golden));

        Assert.Equal([1, 3, 64, 64], shape);

        // One grey level is 2 / 255 of the normalised range.
        Assert.InRange(values.Average(v => (double)v) - (Number(expected, "sum") / values.Length), -2.0 / 255, 2.0 / 255);
        Assert.InRange(values.Average(v => Math.Abs((double)v)) - Number(expected, "mean_abs"), -8.0 / 255, 8.0 / 255);
    }

    private static void AssertClose(double expected, double actual, double relative) =>
        Assert.InRange(actual, expected - (relative * Math.Abs(expected)) - 1e-12, expected + (relative * Math.Abs(expected)) + 1e-12);

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static double[] Numbers(JsonElement element) => [.. element.EnumerateArray().Select(v => v.GetDouble())];

    private static string[] Images(JsonDocument golden) =>
        [.. golden.RootElement.GetProperty("images").EnumerateArray().Select(image => image.GetString()!)];

    private static JsonDocument Read(string folder, string name) =>
        JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "genai", folder, "goldens", name + ".json")));

    private static (int[] Shape, float[] Values) Process(string folder, string[] images)
    {
        var processor = ImageProcessor.Load(TestData.PathTo("zoo", "genai", folder, "processor_config.json"));
        var shape = Array.Empty<int>();
        var values = new List<float>();
        foreach (var image in images)
        {
            var output = Assert.Single(processor.Process(ImageFiles.Decode(image)));
            shape = [images.Length, .. output.Shape];
            values.AddRange(output.Singles.ToArray());
        }

        return (shape, [.. values]);
    }
}
