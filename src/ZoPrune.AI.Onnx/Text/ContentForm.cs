using System.Diagnostics.CodeAnalysis;

namespace ZoPrune.AI.Onnx.Text;

/// <summary>How the content of a turn is handed to a chat template.</summary>
public enum ContentForm
{
    /// <summary>A list if the turn has images, else a string.</summary>
    Auto,

    /// <summary>Always a list of <c>{"type": "image"}</c> and <c>{"type": "text", "text": …}</c>.</summary>
    List,

    /// <summary>Always a string; images are written as <see cref="ChatTemplateVariables.ImageMarker"/> says.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The content is a string, in the template's own word.")]
    String,
}
