using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>Processor files written for one test.</summary>
internal static class ProcessorFile
{
    public const string Decode = """{"operation": {"name": "decode", "type": "DecodeImage"}}""";

    /// <summary>Loads a processor of the given entries of the list of operations.</summary>
    public static ImageProcessor LoadOperations(params string[] entries) =>
        Load("{\"processor\": {\"name\": \"test\", \"transforms\": [" + string.Join(", ", entries) + "]}}");

    /// <summary>Loads a processor from a file with the given content.</summary>
    public static ImageProcessor Load(string content)
    {
        var path = Path.Combine(Path.GetTempPath(), $"processor-{Guid.NewGuid():N}.json");
        File.WriteAllText(path, content);
        try
        {
            return ImageProcessor.Load(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>An entry of the list of operations.</summary>
    public static string Operation(string type, string attributes = "{}", string? inputs = null, string? name = null)
    {
        var wiring = inputs is null ? "" : $", \"inputs\": {inputs}";
        return $$$"""{"operation": {"name": "{{{name ?? type}}}", "type": "{{{type}}}", "attrs": {{{attributes}}} {{{wiring}}}}}""";
    }
}
