using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>The model folders of the tests, opened once for all of them.</summary>
public sealed class ZooModels : IDisposable
{
    private readonly Dictionary<string, Lazy<VisionLanguageModel>> _models = new[] { "gemma3", "gemma3-rank3" }
        .ToDictionary(n => n, n => new Lazy<VisionLanguageModel>(() => VisionLanguageModel.Load(TestData.PathTo("zoo", "genai", n))));

    private readonly Lazy<VisionLanguageModel> _pocket = new(() => VisionLanguageModel.Load(PocketVlmFolder));

    public static string PocketVlmFolder { get; } = Path.GetFullPath(TestData.PathTo("..", "..", "src", "ZoPrune.AI.PocketVlm", "model"));

    public VisionLanguageModel PocketVlm => _pocket.Value;

    public VisionLanguageModel this[string name] => _models[name].Value;

    /// <summary>A copy of the bundled folder, to be damaged.</summary>
    public static string CopyPocketVlm()
    {
        var folder = TemporaryFolders.Create();
        foreach (var file in Directory.EnumerateFiles(PocketVlmFolder))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }

    public static VisualTokens Encode(VisionLanguageModel model, string file) =>
        model.EncodeImage(model.ProcessImage(ImageDecoder.Decode(File.ReadAllBytes(file), new ImageLimits(), Path.GetFileName(file))));

    public void Dispose()
    {
        foreach (var model in _models.Values.Append(_pocket).Where(m => m.IsValueCreated))
        {
            model.Value.Dispose();
        }
    }
}
