using Microsoft.Extensions.AI;

namespace ZoPrune.AI.SemanticKernel.Vision;

/// <summary>How the vision plugin asks its vision model. The plugin copies the options when it is made.</summary>
public sealed class VisionPluginOptions
{
    /// <summary>The name of the plugin, letters, digits and underscores. Default <c>vision</c>.</summary>
    public string PluginName { get; set; } = "vision";

    /// <summary>
    /// The options of every call to the vision model: the most tokens of an answer (default 256), pruning
    /// (<c>options.ChatOptions.WithPruning(…)</c>), instructions. They should offer no tools.
    /// </summary>
    public ChatOptions ChatOptions { get; set; } = new() { MaxOutputTokens = 256 };

    /// <summary>What the vision model is asked for a brief description.</summary>
    public string DescribePrompt { get; set; } = "Describe this picture.";

    /// <summary>What the vision model is asked for a full description.</summary>
    public string DescribeFullyPrompt { get; set; } =
        "Describe this picture in detail: what it shows and where, how many, in which colours, and any text.";

    /// <summary>What the vision model is asked for the text of an image.</summary>
    public string ReadTextPrompt { get; set; } =
        "Read the text in this picture. Answer with the text alone, line by line. If there is none, answer: no text.";

    /// <summary>What the vision model is asked about two images when the caller asks nothing of its own.</summary>
    public string ComparePrompt { get; set; } =
        "Compare the first picture with the second. What do they have in common, and what is different?";

    /// <summary>
    /// Whether two images are compared in one prompt (the default). <see langword="false"/>, for models that know prompts of one image
    /// only: the question, or <see cref="DescribePrompt"/>, is put to each image, and both answers are returned.
    /// </summary>
    public bool ComparesTogether { get; set; } = true;

    /// <summary>The most characters of a question, at least 1. Default 2000; a longer one is sent back to the caller.</summary>
    public int MaxQuestionLength { get; set; } = 2000;

    internal VisionPluginOptions Clone()
    {
        var copy = (VisionPluginOptions)MemberwiseClone();
        copy.ChatOptions = ChatOptions.Clone();
        return copy;
    }

    /// <exception cref="ArgumentException">A value is missing or out of range.</exception>
    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(ChatOptions);
        ArgumentException.ThrowIfNullOrWhiteSpace(PluginName);
        ArgumentException.ThrowIfNullOrWhiteSpace(DescribePrompt);
        ArgumentException.ThrowIfNullOrWhiteSpace(DescribeFullyPrompt);
        ArgumentException.ThrowIfNullOrWhiteSpace(ReadTextPrompt);
        ArgumentException.ThrowIfNullOrWhiteSpace(ComparePrompt);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQuestionLength, 1);
    }
}
