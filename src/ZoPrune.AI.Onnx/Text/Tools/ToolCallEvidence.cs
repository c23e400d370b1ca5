using System.Text.RegularExpressions;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>What a folder says of the way in which its model calls tools.</summary>
/// <param name="Template">The source of the chat template.</param>
/// <param name="HasToken">Whether the tokenizer has an added token.</param>
internal sealed partial record ToolCallEvidence(string Template, Func<string, bool> HasToken)
{
    /// <summary>Whether the template writes, or looks for, a text.</summary>
    public bool Writes(string text) => Template.Contains(text, StringComparison.Ordinal);

    /// <summary>Whether it has something like a marker of calls: which, only a known format could say.</summary>
    public bool HasUnknownMarker => Markers().IsMatch(Template);

    [GeneratedRegex(@"<[^<>\s]*(?i:tool|function)[^<>]*>|\[/?[A-Z_]*TOOL|functools|<arg_key>", RegexOptions.CultureInvariant)]
    private static partial Regex Markers();
}
