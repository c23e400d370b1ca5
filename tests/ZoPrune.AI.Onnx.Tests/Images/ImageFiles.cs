using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>The pictures of the zoo.</summary>
internal static class ImageFiles
{
    public static string[] Names { get; } =
        [.. Directory.EnumerateFiles(TestData.PathTo("zoo", "images")).Select(file => Path.GetFileName(file)).Order()];

    public static byte[] Read(string name) => File.ReadAllBytes(TestData.PathTo("zoo", "images", name));

    public static RgbImage Decode(string name) => ImageDecoder.Decode(Read(name), ImageLimits.Default, name);

    public static RgbImage Decode(byte[] encoded) => ImageDecoder.Decode(encoded, ImageLimits.Default, "picture");
}
