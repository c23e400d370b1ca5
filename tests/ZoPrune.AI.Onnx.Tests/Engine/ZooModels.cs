using System.Collections.Concurrent;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>The model folders of the tests, opened once for all of them.</summary>
public class ZooModels : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<VisionLanguageModel>> _models = new();

    public static string PocketVlmFolder { get; } = ModelFolders.PathOf(ModelFolders.PocketVlm);

    public VisionLanguageModel PocketVlm => Open("pocket-vlm", PocketVlmFolder, null);

    public VisionLanguageModel this[string name] => Open(name, TestData.PathTo("zoo", "genai", name), null);

    /// <summary>A folder of the transformers.js layout.</summary>
    public VisionLanguageModel HuggingFace(string name, bool? splitImages = null, GraphVariants? variants = null) => Open(
        $"hf/{name}/{splitImages}/{variants}",
        TestData.PathTo("zoo", "hf", name),
        new VisionLanguageModelOptions { SplitImages = splitImages, Variants = variants });

    /// <summary>A folder as <see cref="ModelFolders.All"/> names it.</summary>
    public VisionLanguageModel Named(string folder) => folder.Split('/') switch
    {
        ["genai", var name] => this[name],
        ["hf", var name] => HuggingFace(name),
        _ => PocketVlm,
    };

    /// <summary>A copy of the bundled folder, to be damaged.</summary>
    public static string CopyPocketVlm() => Copy(PocketVlmFolder);

    /// <summary>A copy of a folder without its recorded results, to be changed.</summary>
    public static string Copy(string source)
    {
        var folder = TemporaryFolders.Create();
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(source, file);
            if (!relative.StartsWith("goldens", StringComparison.Ordinal))
            {
                var target = Path.Combine(folder, relative);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        return folder;
    }

    public static VisualTokens Encode(VisionLanguageModel model, string file, int imagesInPrompt = 1)
    {
        var picture = ImageDecoder.Decode(File.ReadAllBytes(file), new ImageLimits(), Path.GetFileName(file), model.ImageDecoding);
        return model.EncodeImage(model.ProcessImage(picture, imagesInPrompt));
    }

    public void Dispose()
    {
        foreach (var model in _models.Values.Where(m => m.IsValueCreated))
        {
            model.Value.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Changes how the folders are opened.</summary>
    protected virtual void Configure(VisionLanguageModelOptions options)
    {
    }

    private VisionLanguageModel Open(string key, string folder, VisionLanguageModelOptions? options) =>
        _models.GetOrAdd(key, _ => new Lazy<VisionLanguageModel>(() => Load(folder, options ?? new VisionLanguageModelOptions()))).Value;

    private VisionLanguageModel Load(string folder, VisionLanguageModelOptions options)
    {
        Configure(options);
        return VisionLanguageModel.Load(folder, options);
    }
}
