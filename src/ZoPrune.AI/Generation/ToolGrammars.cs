using System.Text;
using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Generation;

/// <summary>
/// The grammars of the calls that answers of a client were held to, kept because agents ask for the same again and again, and because a
/// model keeps what it works out for a grammar as long as the grammar lives. Thread-safe.
/// </summary>
internal sealed class ToolGrammars
{
    private const int Most = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(ToolCallFormat Format, TextGrammar? Response, string Tools), TextGrammar> _known = [];
    private readonly Queue<(ToolCallFormat Format, TextGrammar? Response, string Tools)> _oldest = new();

    /// <summary>
    /// What the answer must be: a call if one is required; else calls or what the response format says; <see langword="null"/> if the model
    /// is free.
    /// </summary>
    /// <param name="settings">The tools.</param>
    /// <param name="format">How the model writes calls.</param>
    /// <param name="response">What an answer that calls no tool is held to, if anything.</param>
    /// <exception cref="NotSupportedException">A tool's schema asks for what cannot be constrained.</exception>
    public TextGrammar? Of(ToolSettings settings, ToolCallFormat format, TextGrammar? response)
    {
        var isRequired = settings.Required.Count > 0;
        if (!isRequired && response is null)
        {
            return null;
        }

        var tools = isRequired ? settings.Required : settings.Tools;
        var several = isRequired ? settings.AllowMultiple == true : settings.AllowMultiple != false;
        var key = (format, isRequired ? null : response, Describe(tools, several));
        lock (_lock)
        {
            if (_known.TryGetValue(key, out var known))
            {
                return known;
            }
        }

        var grammar = format.CreateGrammar(tools, several);
        grammar = isRequired ? grammar : TextGrammar.AnyOf(grammar, response!);
        lock (_lock)
        {
            if (_known.TryAdd(key, grammar))
            {
                _oldest.Enqueue(key);
                if (_oldest.Count > Most)
                {
                    _known.Remove(_oldest.Dequeue());
                }
            }

            return _known[key];
        }
    }

    private static string Describe(IReadOnlyList<ToolDefinition> tools, bool several)
    {
        var key = new StringBuilder(several ? "several" : "one");
        foreach (var tool in tools)
        {
            key.Append('\n').Append(tool.Name).Append('\n').Append(tool.Parameters.GetRawText());
        }

        return key.ToString();
    }
}
