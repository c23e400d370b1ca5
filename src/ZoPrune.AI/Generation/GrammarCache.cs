using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Caching;
using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Generation;

/// <summary>
/// The grammars that answers of a client were held to, the last ones used: agents ask for the same again and again, and a model keeps what
/// it works out for a grammar as long as the grammar lives. Thread-safe.
/// </summary>
internal sealed class GrammarCache
{
    private const int Most = 64;

    private readonly Lock _lock = new();
    private readonly RecentlyUsed<Key, TextGrammar> _grammars = new(Most, _ => 1);

    /// <summary>The grammar of a JSON format: any object where there is no schema.</summary>
    /// <exception cref="NotSupportedException">The schema asks for what cannot be constrained.</exception>
    /// <exception cref="ArgumentException">The schema is malformed.</exception>
    public TextGrammar Of(ChatResponseFormatJson format) => format.Schema is { } schema
        ? GetOrAdd(new Key(null, null, schema.GetRawText()), () => Read(schema))
        : GetOrAdd(new Key(null, null, ""), TextGrammar.Json);

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
        if (settings.Required.Count > 0)
        {
            var several = settings.AllowMultiple == true;
            return GetOrAdd(
                new Key(format, null, Describe(settings.Required, several)), () => format.CreateGrammar(settings.Required, several));
        }

        if (response is not null)
        {
            var several = settings.AllowMultiple != false;
            return GetOrAdd(
                new Key(format, response, Describe(settings.Tools, several)),
                () => TextGrammar.AnyOf(format.CreateGrammar(settings.Tools, several), response));
        }

        return null;
    }

    private TextGrammar GetOrAdd(Key key, Func<TextGrammar> create)
    {
        lock (_lock)
        {
            if (_grammars.TryGet(key, out var known))
            {
                return known;
            }
        }

        // Other calls need not wait for this one's schema; of two for the same, the first is kept.
        var grammar = create();
        lock (_lock)
        {
            if (_grammars.TryGet(key, out var known))
            {
                return known;
            }

            _grammars.Set(key, grammar);
            return grammar;
        }
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

    private static string Describe(IReadOnlyList<ToolDefinition> tools, bool several)
    {
        var key = new StringBuilder(several ? "several" : "one");
        foreach (var tool in tools)
        {
            key.Append('\n').Append(tool.Name).Append('\n').Append(tool.Parameters.GetRawText());
        }

        return key.ToString();
    }

    /// <param name="Calls">How tools are called; <see langword="null"/> where the answer is a response format alone.</param>
    /// <param name="Response">The response format beside the tools, if there is one.</param>
    /// <param name="Schemas">The schemas, as they were written.</param>
    private sealed record Key(ToolCallFormat? Calls, TextGrammar? Response, string Schemas);
}
