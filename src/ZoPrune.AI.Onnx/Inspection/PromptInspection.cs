namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>How images stand in a prompt.</summary>
/// <param name="Placeholder">The token that stands once for every visual token.</param>
/// <param name="PlaceholderId">Its id for the first image; some families use negative numbers.</param>
/// <param name="Marker">What the chat template writes for an image.</param>
public sealed record PromptInspection(string Placeholder, int PlaceholderId, string Marker);
