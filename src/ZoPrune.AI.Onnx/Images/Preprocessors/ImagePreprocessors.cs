using System.Text.Json;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>Finds and reads the picture processing of a Hugging Face folder.</summary>
internal static class ImagePreprocessors
{
    /// <summary>The usual file.</summary>
    public const string FileName = "preprocessor_config.json";

    /// <summary>The file that newer folders keep the same fields in, under <c>image_processor</c>.</summary>
    public const string ProcessorFileName = "processor_config.json";

    /// <summary>Reads a folder's picture processing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">What the caller decides against the file; null for nothing.</param>
    /// <exception cref="FileNotFoundException">There is neither file.</exception>
    /// <exception cref="ModelFolderException">The file is no sound JSON object.</exception>
    /// <exception cref="InvalidDataException">A field has a wrong value.</exception>
    /// <exception cref="NotSupportedException">The image processor is of a type that is not supported.</exception>
    public static ImagePreprocessor Load(string folder, ImagePreprocessorOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path))
        {
            return Read(path, root => root, options);
        }

        var processorPath = Path.Combine(folder, ProcessorFileName);
        if (!File.Exists(processorPath))
        {
            throw new FileNotFoundException($"{folder} has neither {FileName} nor {ProcessorFileName}.", path);
        }

        return Read(processorPath, root => Inner(root, processorPath), options);
    }

    private static JsonElement Inner(JsonElement root, string path) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("image_processor", out var inner)
            ? inner
            : throw new InvalidDataException($"{path} has no 'image_processor', and there is no {FileName} beside it.");

    private static ImagePreprocessor Read(string path, Func<JsonElement, JsonElement> select, ImagePreprocessorOptions? options)
    {
        try
        {
            using var document = JsonSource.Parse(path, JsonSource.LargestDescription);
            var fields = select(document.RootElement);
            if (fields.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidDataException($"{path} does not describe an image processor: {fields.ValueKind} instead of an object.");
            }

            return Create(new PreprocessorJson(path, fields), options ?? new ImagePreprocessorOptions());
        }
        catch (InvalidOperationException exception)
        {
            // JSON may hold text that is no text: half a surrogate pair.
            throw new InvalidDataException($"{path} has a value that cannot be read: {exception.Message}", exception);
        }
    }

    private static ImagePreprocessor Create(PreprocessorJson json, ImagePreprocessorOptions options) => TypeOf(json) switch
    {
        "CLIPImageProcessor" or "CLIPFeatureExtractor" => new PlainPreprocessor(json, PreprocessorDefaults.Clip),
        "SiglipImageProcessor" => new PlainPreprocessor(json, PreprocessorDefaults.Siglip),
        "ViTImageProcessor" or "ViTFeatureExtractor" or "Gemma3ImageProcessor" =>
            new PlainPreprocessor(json, PreprocessorDefaults.Bilinear),
        "LlavaImageProcessor" => new PlainPreprocessor(json, PreprocessorDefaults.Llava),
        "Qwen2VLImageProcessor" or "Qwen2_5_VLImageProcessor" or "Qwen3VLImageProcessor" => new QwenPreprocessor(json),
        "Idefics3ImageProcessor" or "SmolVLMImageProcessor" => new Idefics3Preprocessor(json, options),
        "LlavaNextImageProcessor" => new AnyResolutionPreprocessor(json, options, PreprocessorDefaults.Clip),
        "LlavaOnevisionImageProcessor" => new AnyResolutionPreprocessor(json, options, PreprocessorDefaults.Square384),
        "GotOcr2ImageProcessor" or "InternVLImageProcessor" => new TiledCanvasPreprocessor(json, options),
        "PixtralImageProcessor" => new PixtralPreprocessor(json),
        var type => Generic(json, type),
    };

    /// <summary>The type without the ending that names an implementation; null where the file has none.</summary>
    private static string? TypeOf(PreprocessorJson json)
    {
        var type = json.Text("image_processor_type") ?? json.Text("feature_extractor_type");
        return type switch
        {
            null => null,
            _ when type.EndsWith("Fast", StringComparison.Ordinal) => type[..^4],
            _ when type.EndsWith("Pil", StringComparison.Ordinal) => type[..^3],
            _ => type,
        };
    }

    /// <summary>A type that is not known is run if it says no more than what every image processor says.</summary>
    private static PlainPreprocessor Generic(PreprocessorJson json, string? type)
    {
        // A bare size with a crop is a short side, as in CLIP.
        var defaults = json.Flag("do_center_crop", false) ? PreprocessorDefaults.Clip : PreprocessorDefaults.Siglip;
        var preprocessor = new PlainPreprocessor(json, defaults);
        json.Ignore(
            "image_processor_type", "feature_extractor_type", "processor_class", "do_convert_rgb", "data_format", "input_data_format",
            "return_tensors", "device", "disable_grouping", "default_to_square", "image_seq_length", "_valid_processor_keys",
            "transformers_version", "_name_or_path");
        var unknown = json.UnknownFields();
        if (unknown.Length > 0)
        {
            throw json.Unsupported(
                $"describes the image processor {type ?? "without a type"}, which is not supported: nothing is known about the fields "
                + $"{string.Join(", ", unknown)}.");
        }

        foreach (var needed in (ReadOnlySpan<string>)["size", "image_mean", "image_std"])
        {
            if (!json.Has(needed) && !(needed != "size" && !json.Flag("do_normalize", true)))
            {
                throw json.Unsupported(
                    $"describes the image processor {type ?? "without a type"}, which is not supported: the file has no '{needed}', "
                    + "and its default is not known.");
            }
        }

        return preprocessor;
    }
}
