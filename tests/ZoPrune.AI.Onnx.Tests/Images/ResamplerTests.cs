using System.Runtime.InteropServices;
using ZoPrune.AI.Onnx.Images.Resampling;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>
/// Check sums (FNV-1a, 32 bits) of what ONNX Runtime GenAI's own resampler makes of a computed picture: its C source
/// (onnxruntime-extensions, commit 319f8d2c, shared/api/image_resample.c) compiled and run apart from this project.
/// </summary>
public class ResamplerTests
{
    [Theory]
    [InlineData("Linear", 97, 83, 64, 64, 2506332109u, 2493640634u)]
    [InlineData("Cubic", 97, 83, 64, 64, 2176520963u, 1501964674u)]
    [InlineData("Lanczos3", 97, 83, 64, 64, 421075647u, 1693466400u)]
    [InlineData("Linear", 30, 110, 64, 64, 169848065u, 1725375889u)]
    [InlineData("Cubic", 30, 110, 64, 64, 2071989960u, 574148083u)]
    [InlineData("Lanczos3", 30, 110, 64, 64, 304729255u, 928902142u)]
    [InlineData("Linear", 5, 3, 64, 64, 2220617772u, 675577362u)]
    [InlineData("Cubic", 5, 3, 64, 64, 683117453u, 2884273746u)]
    [InlineData("Lanczos3", 5, 3, 64, 64, 2671967786u, 2421976696u)]
    [InlineData("Linear", 64, 50, 64, 20, 2712815476u, 1769688293u)]
    [InlineData("Cubic", 64, 50, 64, 20, 1872884020u, 2026864423u)]
    [InlineData("Lanczos3", 64, 50, 64, 20, 1132004907u, 268748150u)]
    [InlineData("Linear", 50, 64, 20, 64, 4009149907u, 3043668694u)]
    [InlineData("Cubic", 50, 64, 20, 64, 1953020738u, 2154857292u)]
    [InlineData("Lanczos3", 50, 64, 20, 64, 1664423009u, 2456160825u)]
    [InlineData("Linear", 300, 220, 31, 47, 3058000899u, 1860535393u)]
    [InlineData("Cubic", 300, 220, 31, 47, 1184173206u, 811171753u)]
    [InlineData("Lanczos3", 300, 220, 31, 47, 1459984301u, 429966723u)]
    [InlineData("Linear", 1, 1, 9, 7, 3426793542u, 951714296u)]
    [InlineData("Cubic", 1, 1, 9, 7, 3426793542u, 951714296u)]
    [InlineData("Lanczos3", 1, 1, 9, 7, 3426793542u, 951714296u)]
    [InlineData("Linear", 37, 41, 200, 13, 3762891158u, 3567560963u)]
    [InlineData("Cubic", 37, 41, 200, 13, 601097358u, 1783139837u)]
    [InlineData("Lanczos3", 37, 41, 200, 13, 4195297007u, 2267319695u)]
    [InlineData("Linear", 1300, 900, 500, 700, 333368775u, 3696895317u)]
    [InlineData("Cubic", 1300, 900, 500, 700, 2428682199u, 1224440423u)]
    [InlineData("Lanczos3", 1300, 900, 500, 700, 2089144617u, 2892050810u)]
    public void Resampling_is_bit_exact(string filter, int width, int height, int newWidth, int newHeight, uint bytes, uint floats)
    {
        var kernel = filter switch
        {
            "Linear" => ResampleFilter.Linear,
            "Cubic" => ResampleFilter.Cubic,
            _ => ResampleFilter.Lanczos3,
        };
        var rgb = new byte[width * height * 3];
        var plane = new float[width * height];
        for (var i = 0; i < plane.Length; i++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                rgb[(i * 3) + channel] = Pattern(i % width, i / width, channel);
            }

            plane[i] = (Pattern(i % width, i / width, 0) / 64f) - 1.5f;
        }

        var resizedRgb = ByteResampler.Resize(rgb, width, height, newWidth, newHeight, kernel);
        Assert.Equal(newWidth * newHeight * 3, resizedRgb.Length);
        Assert.Equal(bytes, CheckSum(resizedRgb.Span));

        var resizedPlane = FloatResampler.Resize(plane, width, height, newWidth, newHeight, kernel);
        Assert.Equal(newWidth * newHeight, resizedPlane.Length);
        if (filter != "Lanczos3" || OperatingSystem.IsLinux())
        {
            // The last bit of the sine, which Lanczos needs, belongs to the operating system.
            Assert.Equal(floats, CheckSum(MemoryMarshal.AsBytes(resizedPlane.Span)));
        }
    }

    [Fact]
    public void Nothing_changes_when_the_size_stays()
    {
        byte[] pixels = [1, 2, 3, 4, 5, 6];
        Assert.Equal(pixels, ByteResampler.Resize(pixels, 2, 1, 2, 1, ResampleFilter.Cubic).ToArray());
        float[] plane = [1, 2, 3, 4, 5, 6];
        Assert.Equal(plane, FloatResampler.Resize(plane, 3, 2, 3, 2, ResampleFilter.Cubic).ToArray());
    }

    [Fact]
    public void Halving_by_the_triangle_averages_with_known_weights()
    {
        // Scale 2, support 2: weights 1/8, 3/8, 3/8, 1/8 inside; at the border three of them, divided by 7/8.
        byte[] row = [.. new byte[] { 0, 0, 80, 160, 240, 240 }.SelectMany(value => new[] { value, value, value })];
        var half = ByteResampler.Resize(row, 6, 1, 3, 1, ResampleFilter.Linear).ToArray();
        byte[] expected = [11, 120, 229];
        Assert.Equal(expected.SelectMany(value => new[] { value, value, value }), half);
    }

    private static byte Pattern(int x, int y, int channel)
    {
        var hash = unchecked((uint)((((y * 1000) + x) * 3) + channel + 1) * 2654435761u);
        hash ^= hash >> 15;
        hash = unchecked(hash * 2246822519u);
        hash ^= hash >> 13;
        return (byte)(((hash >> 8) & 127) + (((x * 3) + (y * 5) + (channel * 40)) & 127));
    }

    private static uint CheckSum(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261u;
        foreach (var b in bytes)
        {
            hash = unchecked((hash ^ b) * 16777619u);
        }

        return hash;
    }
}
