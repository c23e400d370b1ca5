namespace ZoPrune.AI;

/// <summary>The bundled model PocketVLM: where it lies at run time.</summary>
/// <remarks>
/// The package copies the model folder beside the application on build and on publish. <c>AddZoPruneChatClient()</c> finds it there by
/// itself when no other model is configured.
/// </remarks>
public static class PocketVlm
{
    /// <summary>
    /// The model folder (ONNX Runtime GenAI format): <c>zoprune/pocket-vlm</c> below <see cref="AppContext.BaseDirectory"/>.
    /// </summary>
    public static string ModelPath => Path.Combine(AppContext.BaseDirectory, "zoprune", "pocket-vlm");
}
