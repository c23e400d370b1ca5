using System.Text.Json;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Images.Preprocessors;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>Pixels that the Pillow processors of Hugging Face transformers 5.23 recorded for the folders of the zoo.</summary>
public class HuggingFacePixelTests
{
    private static readonly string[] s_folders = ["gemma3", "idefics3", "llava", "llava_onevision", "paligemma", "qwen2_5_vl", "qwen2_vl"];

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var folder in s_folders)
        {
            using var goldens = Read(folder);
            foreach (var golden in goldens.RootElement.GetProperty("cases").EnumerateArray()
                .Where(golden => golden.TryGetProperty("pixel_values", out _)))
            {
                cases.Add(folder, golden.GetProperty("name").GetString()!);
            }
        }

        return cases;
    }

    [Fact]
    public void All_cases_are_found() => Assert.Equal(86, Cases().Count);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Inputs_equal_the_recorded_ones(string folder, string name)
    {
        using var goldens = Read(folder);
        var golden = goldens.RootElement.GetProperty("cases").EnumerateArray().First(c => c.GetProperty("name").GetString() == name);
        var images = Process(folder, golden);
        var recorded = golden.GetProperty("pixel_values");
        var values = images.SelectMany(image => image.Inputs["pixel_values"].Singles.ToArray()).ToArray();
        Assert.Equal(TensorValues.Shape(recorded).Aggregate(1, (product, axis) => product * axis), values.Length);
        AssertTrailingShapes(TensorValues.Shape(recorded), images);

        var samples = TensorValues.Numbers(recorded.GetProperty("values"));
        var indices = TensorValues.Numbers(recorded.GetProperty("indices"));
        for (var i = 0; i < samples.Length; i++)
        {
            Assert.InRange(values[(int)indices[i]] - samples[i], -1e-5, 1e-5);
        }

        Assert.InRange(values.Sum(v => (double)v) - TensorValues.Number(recorded, "sum"), -1e-6 * values.Length, 1e-6 * values.Length);
        Assert.InRange(values.Average(v => Math.Abs((double)v)) - TensorValues.Number(recorded, "mean_abs"), -1e-6, 1e-6);
        AssertFurtherInputs(golden, images);

        var whole = TestData.PathTo("zoo", "hf", folder, name + ".pixel_values.npy");
        if (File.Exists(whole))
        {
            var all = NpyFile.Read(whole).ToSingles();
            Assert.Equal(all.Length, values.Length);
            Assert.All(all.Zip(values), pair => Assert.InRange(pair.First - pair.Second, -1e-5, 1e-5));
        }
    }

    private static void AssertTrailingShapes(int[] recorded, PreprocessedImage[] images)
    {
        // The axes in front count pictures and frames, in one or two axes.
        var fixedAxes = recorded.Length == 2 ? 1 : 3;
        Assert.All(images, image => Assert.Equal(
            recorded[^fixedAxes..], image.Inputs["pixel_values"].Shape[^fixedAxes..].ToArray()));
        Assert.All(images.Where(image => recorded.Length != 2), image => Assert.Equal(
            image.Layout.Frames, image.Inputs["pixel_values"].Shape[..^3].ToArray().Aggregate(1, (product, axis) => product * axis)));
    }

    private static void AssertFurtherInputs(JsonElement golden, PreprocessedImage[] images)
    {
        if (golden.TryGetProperty("image_grid_thw", out var grids))
        {
            Assert.Equal(Rows(grids), images.Select(image => image.Inputs["image_grid_thw"].Int64s.ToArray()));
            Assert.Equal(
                Rows(grids),
                images.Select(image => new[] { 1L, image.Layout.PatchGrid!.Value.Rows, image.Layout.PatchGrid.Value.Columns }));
        }

        if (golden.TryGetProperty("image_sizes", out var sizes) && !IsSingleTile(golden))
        {
            Assert.Equal(Rows(sizes), images.Select(image => image.Inputs["image_sizes"].Int64s.ToArray()));
        }

        if (golden.TryGetProperty("rows_cols", out var rowsAndColumns))
        {
            Assert.Equal(Rows(rowsAndColumns), images.Select(image => new long[] { image.Tiles!.Rows, image.Tiles.Columns }));
        }

        if (golden.TryGetProperty("tiles_per_image", out var tiles) && !IsSingleTile(golden))
        {
            Assert.Equal(TensorValues.Numbers(tiles), images.Select(image => (double)image.Layout.Frames));
        }

        if (golden.TryGetProperty("pixel_attention_mask", out var mask))
        {
            var count = TensorValues.Shape(mask).Aggregate(1, (product, axis) => product * axis);
            Assert.Equal(count, TensorValues.Number(mask, "sum"));
            Assert.Equal(count, images.Sum(image => image.Inputs["pixel_attention_mask"].Booleans.ToArray().Count(isReal => isReal)));
        }
    }

    private static PreprocessedImage[] Process(string folder, JsonElement golden)
    {
        bool? split = golden.TryGetProperty("do_image_splitting", out var splitting) ? splitting.GetBoolean() : null;
        var options = new ImagePreprocessorOptions
        {
            SplitImages = IsSingleTile(golden) ? false : split,
            PadsSingleTile = golden.TryGetProperty("mode", out var mode) && mode.GetString() == "anyres",
        };
        var preprocessor = ImagePreprocessors.Load(TestData.PathTo("zoo", "hf", folder), options);
        return
        [
            .. golden.GetProperty("images").EnumerateArray().Select(image =>
            {
                var picture = ImageDecoder.Decode(
                    File.ReadAllBytes(TestData.PathTo("zoo", "hf", "images", image.GetString()!)),
                    ImageLimits.Default,
                    image.GetString()!,
                    new ImageDecodingOptions { Transparency = ImageTransparency.OverWhite });
                var processed = preprocessor.Process(picture);
                Assert.Equal(preprocessor.LayoutOf(picture.Width, picture.Height), processed.Layout);
                PooledPicture.FillPools();
                using var buffers = new PictureBuffers();
                PooledPicture.AssertEqual(processed.Inputs, preprocessor.Process(picture, buffers).Inputs);
                return processed;
            }),
        ];
    }

    /// <summary>One tile a picture: the mode of that name, and any resolution with several pictures in a prompt.</summary>
    private static bool IsSingleTile(JsonElement golden) => golden.TryGetProperty("mode", out var mode)
        && (mode.GetString() == "single_tile" || golden.GetProperty("images").GetArrayLength() > 1);

    private static long[][] Rows(JsonElement rows) =>
        [.. rows.EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetInt64()).ToArray())];

    private static JsonDocument Read(string folder) =>
        JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "hf", folder, "goldens.json")));
}
