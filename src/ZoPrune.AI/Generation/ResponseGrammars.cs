using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Generation;

/// <summary>
/// The grammars of the response formats that a client was asked for, the last ones kept: agents ask for the same again and again.
/// Thread-safe.
/// </summary>
internal sealed class ResponseGrammars
{
    private const int Most = 64;

    private readonly Lock _lock = new();
    private readonly LinkedList<(string Schema, TextGrammar Grammar)> _latest = [];
    private readonly Dictionary<string, LinkedListNode<(string Schema, TextGrammar Grammar)>> _known = new(StringComparer.Ordinal);

    /// <summary>The grammar of a JSON format: any object where there is no schema.</summary>
    /// <exception cref="NotSupportedException">The schema asks for what cannot be constrained.</exception>
    /// <exception cref="ArgumentException">The schema is malformed.</exception>
    public TextGrammar Of(ChatResponseFormatJson format)
    {
        var key = format.Schema is { } schema ? schema.GetRawText() : "";
        lock (_lock)
        {
            if (_known.TryGetValue(key, out var node))
            {
                _latest.Remove(node);
                _latest.AddFirst(node);
                return node.Value.Grammar;
            }
        }

        var grammar = format.Schema is { } wanted ? Read(wanted) : TextGrammar.Json();
        lock (_lock)
        {
            if (!_known.ContainsKey(key))
            {
                _known[key] = _latest.AddFirst((key, grammar));
            }

            if (_latest.Count > Most)
            {
                _known.Remove(_latest.Last!.Value.Schema);
                _latest.RemoveLast();
            }
        }

        return grammar;
    }

    private static TextGrammar Read(JsonElement schema)
    {
        try
        {
            return TextGrammar.JsonSchema(schema);
        }
        catch (NotSupportedException e)
        {
            throw new NotSupportedException($"ChatOptions.ResponseFormat: {e.Message}", e);
        }
    }
}
