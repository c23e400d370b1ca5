using System.Text.Json;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Sessions;

/// <summary>The graphs of a synthetic folder.</summary>
/// <param name="Vision">The vision graph.</param>
/// <param name="Embedding">The embedding graph.</param>
/// <param name="Decoder">The decoder.</param>
/// <param name="SharesBuffers">Whether past and present of the KV cache are the same buffers.</param>
internal sealed record GraphFiles(string Vision, string Embedding, string Decoder, bool SharesBuffers)
{
    /// <summary>Finds the graphs.</summary>
    /// <exception cref="IOException">A file is missing.</exception>
    public static GraphFiles Find(string folder)
    {
        var config = Path.Combine(folder, "genai_config.json");
        if (!File.Exists(config))
        {
            var onnx = Path.Combine(folder, "onnx");
            return new GraphFiles(
                Path.Combine(onnx, "vision_encoder.onnx"),
                Path.Combine(onnx, "embed_tokens.onnx"),
                Directory.GetFiles(onnx, "decoder_model_merged*.onnx").Order(StringComparer.Ordinal).First(),
                SharesBuffers: false);
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(config));
        var model = json.RootElement.GetProperty("model");
        return new GraphFiles(
            FileOf("vision"),
            FileOf("embedding"),
            FileOf("decoder"),
            json.RootElement.GetProperty("search").GetProperty("past_present_share_buffer").GetBoolean());

        string FileOf(string section) => Path.Combine(folder, model.GetProperty(section).GetProperty("filename").GetString()!);
    }
}
