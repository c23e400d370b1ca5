using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>GenAI's operation list, its outputs named as the family's data file says.</summary>
internal sealed class OperationRecipe(ImageProcessor processor, FamilyData data, string file) : ImageRecipe
{
    public override ImageDecodingOptions Decoding { get; } = new();

    public override IReadOnlyCollection<string> InputNames => [.. data.ImageOutputs.Where(name => name.Length > 0)];

    public override ProcessedImage Process(RgbImage image, int imagesInPrompt, PictureBuffers? buffers)
    {
        var outputs = processor.Process(image, buffers);
        if (outputs.Count < data.ImageOutputs.Count)
        {
            throw new ModelFolderException(
                file, $"the image operations give {outputs.Count} tensors, but {string.Join(", ", data.ImageOutputs)} are needed.");
        }

        var inputs = new Dictionary<string, ImageTensor>(StringComparer.Ordinal);
        for (var i = 0; i < data.ImageOutputs.Count; i++)
        {
            inputs.Add(data.ImageOutputs[i], outputs[i]);
        }

        return new ProcessedImage(image.Width, image.Height, inputs);
    }
}
