namespace ZoPrune.AI.Onnx.Folders;

/// <summary>Reads the bytes of a JSON file without the byte order mark that some editors put in front.</summary>
internal static class JsonBytes
{
    public static ReadOnlyMemory<byte> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
    }
}
