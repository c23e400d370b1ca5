using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Onnx.Text;

/// <summary>What a chat template sees besides the messages.</summary>
public sealed record ChatTemplateVariables
{
    /// <summary><c>add_generation_prompt</c>: whether the prompt ends with the header of the answer. Default: true.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary><c>bos_token</c>; null leaves it undefined, which prints as nothing.</summary>
    public string? BosToken { get; init; }

    /// <summary><c>eos_token</c>; null leaves it undefined, which prints as nothing.</summary>
    public string? EosToken { get; init; }

    /// <summary>The time that <c>strftime_now</c> formats; null: the local time of rendering.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary><c>tools</c>: JSON schemas of the tools, null if there are none. They count as user text.</summary>
    public JsonArray? Tools { get; init; }

    /// <summary>Further variables by name, for instance <c>enable_thinking</c>. They are the application's own and count as template
    /// text.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Extra { get; init; } = new Dictionary<string, JsonNode?>();

    /// <summary>How contents are handed over. Default: <see cref="ContentForm.Auto"/>.</summary>
    public ContentForm ContentForm { get; init; }

    /// <summary>Writes the marker of an image (its number from 0) into a content in string form; it counts as template text.</summary>
    public Func<int, string>? ImageMarker { get; init; }

    /// <summary>How calls and results are handed over; null: as Hugging Face does.</summary>
    internal ToolTurnForm? ToolTurns { get; init; }

    /// <summary>Whether the tools are handed over as JSON text in the <c>tools</c> of the first system turn, as Phi-4's templates expect
    /// them, instead of in a variable.</summary>
    internal bool ToolsInSystemTurn { get; init; }
}
