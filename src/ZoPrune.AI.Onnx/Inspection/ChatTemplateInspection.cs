using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>The chat template of a model folder, found out by rendering small conversations.</summary>
/// <param name="Source">The file that it comes from, or that it is built in.</param>
/// <param name="HasSystemRole">Whether it writes a system turn.</param>
/// <param name="HasTools">Whether it writes the tools that it is given.</param>
/// <param name="ImageContent">How a content with images is handed to it.</param>
/// <param name="Example">A user's question about one image, rendered; <c>null</c> if the template refuses it.</param>
public sealed record ChatTemplateInspection(string Source, bool HasSystemRole, bool HasTools, ContentForm ImageContent, string? Example)
{
    /// <summary>The name of the format in which the model writes calls of tools; <c>null</c> if the template writes no tools, or
    /// marks calls in a way that is not known.</summary>
    public string? ToolCallFormat { get; init; }
}
