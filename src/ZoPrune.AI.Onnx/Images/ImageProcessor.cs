using System.Text.Json;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Images.Operations;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>
/// A folder's own image processing: the list of operations in ONNX Runtime GenAI's <c>processor_config.json</c>, run literally.
/// </summary>
/// <remarks>Immutable and safe to use from several threads at once.</remarks>
public sealed class ImageProcessor
{
    private readonly OperationPlan _plan;
    private readonly bool _isAligned;

    private ImageProcessor(OperationPlan plan, bool isAligned)
    {
        _plan = plan;
        _isAligned = isAligned;
    }

    /// <summary>
    /// Width and height in pixels that every picture comes out with; null where the size depends on the picture.
    /// </summary>
    public (int Width, int Height)? FixedSize => _plan.FixedSize;

    /// <summary>Reads the list of operations.</summary>
    /// <param name="path">The processor file.</param>
    /// <exception cref="ModelFolderException">There is no such file, it is too large, or it is not valid JSON.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no such list, an attribute is unknown or wrong, or an input names something that does not exist.
    /// </exception>
    /// <exception cref="NotSupportedException">An operation or the output aligner is of a type that is not supported.</exception>
    public static ImageProcessor Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var document = JsonSource.Parse(path, JsonSource.LargestDescription);
        try
        {
            var processor = ReadProcessor(document.RootElement, path);
            return new ImageProcessor(ReadPlan(processor, path), ReadAligner(processor, path));
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidDataException($"{path}: a text is not valid: {exception.Message}", exception);
        }
    }

    /// <summary>Runs all operations on one picture.</summary>
    /// <param name="image">The picture, as <see cref="ImageDecoder"/> gives it.</param>
    /// <returns>
    /// The outputs of the last operation, without a leading axis for several pictures: usually one float32 tensor [3, height, width].
    /// </returns>
    /// <exception cref="NotSupportedException">The picture has a size that an operation cannot process.</exception>
    /// <exception cref="InvalidDataException">Operations do not fit together.</exception>
    public IReadOnlyList<ImageTensor> Process(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Process(image, buffers: null);
    }

    /// <summary>Runs all operations on one picture, in memory that is given back.</summary>
    /// <param name="image">The picture, as <see cref="ImageDecoder"/> gives it.</param>
    /// <param name="buffers">Where the outputs lie, which must not be read after it; null: in arrays of their own.</param>
    internal IReadOnlyList<ImageTensor> Process(RgbImage image, PictureBuffers? buffers) => Align(Run(image, buffers), buffers);

    /// <summary>Runs all operations on several pictures and puts the results together as ONNX Runtime GenAI does.</summary>
    /// <param name="images">At least one picture.</param>
    /// <returns>The outputs of the last operation, with a leading axis for the pictures; smaller ones are padded with zeros.</returns>
    /// <exception cref="NotSupportedException">
    /// A picture has a size that an operation cannot process, or the results are of shapes that GenAI cannot put together either.
    /// </exception>
    /// <exception cref="InvalidDataException">Operations do not fit together.</exception>
    internal IReadOnlyList<ImageTensor> ProcessTogether(IReadOnlyList<RgbImage> images) =>
        Align(ImageStack.Stack([.. images.Select(image => Run(image, buffers: null))]), buffers: null);

    private static JsonElement ReadProcessor(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("processor", out var processor) || processor.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{path} has no 'processor' object, so it is no processor file of ONNX Runtime GenAI.");
        }

        return processor;
    }

    private static bool ReadAligner(JsonElement processor, string path)
    {
        if (!processor.TryGetProperty("output_aligner", out var aligner)
            || (aligner.ValueKind == JsonValueKind.String && aligner.GetString()!.Length == 0))
        {
            return false;
        }

        return aligner.ValueKind == JsonValueKind.String && aligner.GetString() == Phi4VisionAligner.Name
            ? true
            : throw new NotSupportedException(
                $"{path} asks for the output aligner {aligner.GetRawText()}, which is not supported. Supported: {Phi4VisionAligner.Name}.");
    }

    private static OperationPlan ReadPlan(JsonElement processor, string path)
    {
        if (!processor.TryGetProperty("transforms", out var transforms)
            || transforms.ValueKind != JsonValueKind.Array || transforms.GetArrayLength() == 0)
        {
            throw new InvalidDataException($"{path} has no operations: 'processor.transforms' must be a list that is not empty.");
        }

        var plan = new OperationPlan();
        var place = 0;
        foreach (var entry in transforms.EnumerateArray())
        {
            place++;
            if (entry.ValueKind != JsonValueKind.Object
                || !entry.TryGetProperty("operation", out var operation) || operation.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidDataException($"{path}: entry {place} of 'processor.transforms' has no 'operation' object.");
            }

            AddOperation(plan, operation, path, place);
        }

        return plan;
    }

    private static void AddOperation(OperationPlan plan, JsonElement operation, string path, int place)
    {
        var identity = new OperationIdentity(
            path, ReadText(operation, "name", path, place), ReadText(operation, "type", path, place));
        JsonElement? attributes = operation.TryGetProperty("attrs", out var attrs) ? attrs : null;
        plan.Add(ImageOperationRegistry.Create(identity, attributes), ReadInputs(operation, identity));
    }

    private static string ReadText(JsonElement operation, string key, string path, int place)
    {
        if (operation.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text)
        {
            return text;
        }

        throw new InvalidDataException($"{path}: operation {place} has no '{key}' string.");
    }

    private static string[]? ReadInputs(JsonElement operation, OperationIdentity identity)
    {
        if (!operation.TryGetProperty("inputs", out var inputs))
        {
            return null;
        }

        if (inputs.ValueKind != JsonValueKind.Array || inputs.EnumerateArray().Any(input => input.ValueKind != JsonValueKind.String))
        {
            throw identity.Fault("has 'inputs' that are no list of strings.");
        }

        return [.. inputs.EnumerateArray().Select(input => input.GetString()!)];
    }

    private IReadOnlyList<ImageTensor> Run(RgbImage image, PictureBuffers? buffers) =>
        _plan.Run(new ImageTensor(image.Pixels, image.Height, image.Width, 3), buffers);

    private IReadOnlyList<ImageTensor> Align(IReadOnlyList<ImageTensor> outputs, PictureBuffers? buffers) =>
        _isAligned ? Phi4VisionAligner.Align(outputs, buffers) : outputs;
}
