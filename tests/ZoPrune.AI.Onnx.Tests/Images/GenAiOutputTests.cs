using System.Text.Json;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>All outputs of the processors that ONNX Runtime GenAI 0.18.0 recorded, folder by folder.</summary>
public class GenAiOutputTests
{
    /// <summary>GenAI writes the second picture over the end of its slot there: nothing to compare with.</summary>
    private const string Undefined = "two_separated_sizes";

    public static TheoryData<string, string> PngCases() => Cases(golden => !golden.HasJpeg && golden.Name != Undefined);

    public static TheoryData<string, string> JpegCases() => Cases(golden => golden.HasJpeg);

    public static TheoryData<string, string> StoredCases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var golden in GenAiGolden.All().Where(golden => File.Exists(Stored(golden.Folder, golden.Name, "pixel_values"))))
        {
            cases.Add(golden.Folder, golden.Name);
        }

        return cases;
    }

    public static TheoryData<string, int, int> Sizes()
    {
        var sizes = new TheoryData<string, int, int>();
        foreach (var folder in GenAiGolden.Folders.Where(folder => File.Exists(SizesFile(folder))))
        {
            using var table = JsonDocument.Parse(File.ReadAllBytes(SizesFile(folder)));
            foreach (var size in table.RootElement.GetProperty("sizes").EnumerateArray())
            {
                sizes.Add(folder, size.GetProperty("width").GetInt32(), size.GetProperty("height").GetInt32());
            }
        }

        return sizes;
    }

    [Fact]
    public void All_cases_are_found() => Assert.Equal(
        (171, 13, 6, 144), (PngCases().Count, JpegCases().Count, StoredCases().Count, Sizes().Count));

    [Theory]
    [MemberData(nameof(PngCases))]
    public void Png_outputs_equal_those_of_GenAI(string folder, string name)
    {
        var golden = GenAiGolden.Read(folder, name)!;
        var outputs = golden.Process();
        foreach (var output in golden.OutputNames)
        {
            var recorded = golden.Outputs.GetProperty(output);
            var shape = TensorValues.Shape(recorded);
            Assert.Equal(shape, TensorValues.MergeLike(outputs[output], shape.Length));
            var values = TensorValues.Read(outputs[output]);
            if (recorded.GetProperty("dtype").GetString() == "float16")
            {
                values = [.. values.Select(value => (double)HalfConversion.ToHalf((float)value))];
            }

            TensorValues.AssertEqual(recorded, values);
        }
    }

    [Theory]
    [MemberData(nameof(StoredCases))]
    public void Stored_arrays_are_equal_value_by_value(string folder, string name)
    {
        var golden = GenAiGolden.Read(folder, name)!;
        var outputs = golden.Process();
        foreach (var output in golden.OutputNames.Where(output => File.Exists(Stored(folder, name, output))))
        {
            var recorded = NpyFile.Read(Stored(folder, name, output));
            Assert.Equal(recorded.Shape, TensorValues.MergeLike(outputs[output], recorded.Shape.Length));
            switch (recorded.Type)
            {
                case "<i8":
                    Assert.Equal(recorded.ToInt64s(), outputs[output].Int64s.ToArray());
                    break;
                case "<f2":
                    var halves = new Half[outputs[output].Singles.Length];
                    HalfConversion.ToHalf(outputs[output].Singles.Span, halves);
                    Assert.Equal(
                        Enumerable.Range(0, halves.Length).Select(i => BitConverter.ToUInt16(recorded.Data, i * 2)),
                        halves.Select(BitConverter.HalfToUInt16Bits));
                    break;
                default:
                    Assert.Equal(recorded.ToSingles(), outputs[output].Singles.ToArray());
                    break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(JpegCases))]
    public void Jpeg_outputs_have_the_same_shapes_and_nearly_the_same_pixels(string folder, string name)
    {
        var golden = GenAiGolden.Read(folder, name)!;
        var outputs = golden.Process();
        foreach (var output in golden.OutputNames)
        {
            var recorded = golden.Outputs.GetProperty(output);
            var shape = TensorValues.Shape(recorded);
            Assert.Equal(shape, TensorValues.MergeLike(outputs[output], shape.Length));
            var values = TensorValues.Read(outputs[output]);
            if (output != "pixel_values")
            {
                TensorValues.AssertEqual(recorded, values);
                continue;
            }

            // One grey level is at most 1 / (255 x 0.26); with chroma sub-sampling only means are comparable.
            var hasFullChroma = golden.Images.All(image => image == "photo90x140.jpg");
            Assert.InRange(values.Average() - (TensorValues.Number(recorded, "sum") / values.Length), -0.02, 0.02);
            Assert.InRange(values.Average(Math.Abs) - TensorValues.Number(recorded, "mean_abs"), -0.06, 0.06);
            if (hasFullChroma)
            {
                var samples = TensorValues.Numbers(recorded.GetProperty("sample"));
                var indices = TensorValues.Numbers(recorded.GetProperty("sample_index"));
                Assert.All(indices.Zip(samples), pair => Assert.InRange(values[(int)pair.First] - pair.Second, -0.02, 0.02));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Blank_pictures_of_many_sizes_get_the_recorded_shapes_grids_and_counts(string folder, int width, int height)
    {
        using var table = JsonDocument.Parse(File.ReadAllBytes(SizesFile(folder)));
        var recorded = table.RootElement.GetProperty("sizes").EnumerateArray()
            .First(size => size.GetProperty("width").GetInt32() == width && size.GetProperty("height").GetInt32() == height);
        var processor = GenAiGolden.LoadProcessor(folder);
        RgbImage[] images = [new(width, height, new byte[width * height * 3])];
        if (recorded.TryGetProperty("error", out _))
        {
            var exception = Assert.Throws<NotSupportedException>(() => processor.ProcessTogether(images));
            Assert.Contains($"{width} x {height}", exception.Message, StringComparison.Ordinal);
            return;
        }

        var names = GenAiGolden.All().First(golden => golden.Folder == folder).OutputNames;
        foreach (var (name, output) in names.Zip(processor.ProcessTogether(images)))
        {
            var shape = TensorValues.Numbers(recorded.GetProperty(name + ".shape")).Select(d => (int)d).ToArray();
            Assert.Equal(shape, TensorValues.MergeLike(output, shape.Length));
            if (recorded.TryGetProperty(name, out var values))
            {
                Assert.Equal(TensorValues.Numbers(values), TensorValues.Read(output));
            }
        }
    }

    [Fact]
    public void Pictures_that_no_common_shape_holds_are_refused()
    {
        var golden = GenAiGolden.Read("mistral3", Undefined)!;
        var exception = Assert.Throws<NotSupportedException>(golden.Process);
        Assert.Contains("one by one", exception.Message, StringComparison.Ordinal);
        var processor = GenAiGolden.LoadProcessor("mistral3");
        var sizes = golden.Images.SelectMany(image => processor.Process(ImageFiles.Decode(image))[1].Int64s.ToArray());
        Assert.Equal(TensorValues.Numbers(golden.Outputs.GetProperty("image_sizes").GetProperty("sample")), sizes.Select(v => (double)v));
    }

    private static TheoryData<string, string> Cases(Func<GenAiGolden, bool> filter)
    {
        var cases = new TheoryData<string, string>();
        foreach (var golden in GenAiGolden.All().Where(filter))
        {
            cases.Add(golden.Folder, golden.Name);
        }

        return cases;
    }

    private static string SizesFile(string folder) => TestData.PathTo("zoo", "genai", folder, "goldens", "tables", "sizes.json");

    private static string Stored(string folder, string name, string output) =>
        TestData.PathTo("zoo", "genai", folder, "goldens", name, output + ".npy");
}
