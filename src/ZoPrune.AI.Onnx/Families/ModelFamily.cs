using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>What differs between model families: how images stand in a prompt, and what goes into the vision graph.</summary>
internal abstract class ModelFamily
{
    /// <summary>The values of <c>model.type</c> that this family answers to.</summary>
    public abstract IReadOnlyList<string> Types { get; }

    /// <summary>The token that stands in a prompt once for every visual token.</summary>
    public abstract string Placeholder { get; }

    /// <summary>The chat template of a folder that has none.</summary>
    public abstract string DefaultChatTemplate { get; }

    /// <summary>
    /// The vision graph's inputs for one image, in the names of the specification (<c>pixel_values</c>, …), each with its batch axis.
    /// </summary>
    public abstract IReadOnlyList<(string Name, ImageTensor Tensor)> VisionInputs(ProcessedImage image);

    /// <summary>How the tokens of one image lie in the picture; <c>null</c> if they form no grid.</summary>
    public abstract TokenGrid? Grid(ProcessedImage image, int tokens);

    /// <summary>
    /// Replaces what the template wrote for each image by its tokens: one <see cref="PromptSegment.Tokens"/> segment an image, in order,
    /// as long as the image has kept rows.
    /// </summary>
    /// <param name="segments">The rendered prompt.</param>
    /// <param name="source">What errors call the template.</param>
    /// <param name="images">The selections.</param>
    /// <param name="tokenizer">The folder's tokenizer.</param>
    public abstract IReadOnlyList<PromptSegment> PlaceImages(
        IReadOnlyList<PromptSegment> segments, string source, IReadOnlyList<ImageSelection> images, TextTokenizer tokenizer);
}
