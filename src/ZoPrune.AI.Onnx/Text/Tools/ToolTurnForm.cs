namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>How a template takes calls in a history and their results; found by trial.</summary>
/// <param name="ArgumentsAsText">Whether it wants arguments as JSON text instead of a dictionary.</param>
/// <param name="NeedsShortIds">Whether it refuses ids other than nine letters and digits.</param>
/// <param name="IsOneCallATurn">Whether it refuses several calls in one turn.</param>
/// <param name="ResultForm">How the content of a result is handed over.</param>
/// <param name="ImageForm">How the content of a result with images is handed over; null if it writes none there.</param>
internal sealed record ToolTurnForm(
    bool ArgumentsAsText, bool NeedsShortIds, bool IsOneCallATurn, ContentForm ResultForm, ContentForm? ImageForm);
