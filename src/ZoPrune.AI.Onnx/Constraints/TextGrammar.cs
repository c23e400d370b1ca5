using System.Text.Json;
using ZoPrune.AI.Onnx.Constraints.Schemas;

namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>
/// What a generated text may be: literals, added tokens, JSON by a schema, and sequences, choices and repetitions of them. It belongs to
/// no model; <see cref="VisionLanguageModel.CreateConstraint"/> binds it to one. Immutable and thread-safe. Keep and reuse an instance:
/// what a model works out for it is kept as long as the instance lives.
/// </summary>
public sealed class TextGrammar
{
    internal TextGrammar(GrammarNode node, bool hasOpenKeys)
    {
        Node = node;
        HasOpenKeys = hasOpenKeys;
    }

    internal GrammarNode Node { get; }

    /// <summary>Whether there are objects with keys of the model's own choice, which must differ.</summary>
    internal bool HasOpenKeys { get; }

    /// <summary>Exactly this text.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is <c>null</c>.</exception>
    public static TextGrammar Literal(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new TextGrammar(GrammarNode.Literal(text), hasOpenKeys: false);
    }

    /// <summary>An added token of the tokenizer, chosen by its id; where the tokenizer has no such token, its text.</summary>
    /// <param name="addedToken">The content of the token, for example <c>&lt;tool_call&gt;</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="addedToken"/> is <c>null</c> or empty.</exception>
    public static TextGrammar Token(string addedToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(addedToken);
        return new TextGrammar(new AddedTokenNode(addedToken), hasOpenKeys: false);
    }

    /// <summary>The grammars one after the other.</summary>
    /// <exception cref="ArgumentException">A grammar is <c>null</c>.</exception>
    public static TextGrammar Sequence(params ReadOnlySpan<TextGrammar> items) =>
        Combine(items, nodes => GrammarNode.Sequence(nodes), nameof(items));

    /// <summary>One of the grammars.</summary>
    /// <exception cref="ArgumentException">A grammar is <c>null</c>, or there is none.</exception>
    public static TextGrammar AnyOf(params ReadOnlySpan<TextGrammar> options) => options.IsEmpty
        ? throw new ArgumentException("There are no grammars to choose from.", nameof(options))
        : Combine(options, nodes => GrammarNode.AnyOf(nodes), nameof(options));

    /// <summary>A grammar several times in a row.</summary>
    /// <param name="item">What is repeated.</param>
    /// <param name="min">How often at least; not negative.</param>
    /// <param name="max">How often at most; <c>null</c>: without limit.</param>
    /// <exception cref="ArgumentNullException"><paramref name="item"/> is <c>null</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="min"/> is negative, or <paramref name="max"/> is less than it.
    /// </exception>
    public static TextGrammar Repeat(TextGrammar item, int min, int? max = null)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentOutOfRangeException.ThrowIfNegative(min);
        if (max is { } most)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(most, min, nameof(max));
        }

        return new TextGrammar(GrammarNode.Repeat(item.Node, min, max), item.HasOpenKeys);
    }

    /// <summary>Any text of Unicode characters.</summary>
    public static TextGrammar Text() =>
        new(GrammarNode.Rule(GrammarNode.Repeat(Utf8Class.Any, 0, null)), hasOpenKeys: false);

    /// <summary>Any JSON object. Its values nest at most 8 deep.</summary>
    /// <remarks>Written as <see cref="JsonSchema"/> says.</remarks>
    public static TextGrammar Json() => SchemaReader.AnyObject();

    /// <summary>JSON that satisfies a schema.</summary>
    /// <remarks>
    /// <para>
    /// Keywords: <c>type</c> (one or several), <c>enum</c>, <c>const</c>, <c>anyOf</c>, <c>oneOf</c> (of alternatives that are plainly
    /// disjoint), <c>allOf</c> (of schemas that speak of different things), <c>$ref</c> into the schema itself, recursion included;
    /// <c>properties</c>, <c>required</c>, <c>additionalProperties</c>; <c>items</c>, <c>prefixItems</c>, <c>minItems</c>, <c>maxItems</c>;
    /// <c>minLength</c>, <c>maxLength</c> (in Unicode characters), <c>pattern</c> (without lookaround and back references); <c>minimum</c>,
    /// <c>maximum</c>, <c>exclusiveMinimum</c>, <c>exclusiveMaximum</c>. Of <c>format</c>, <c>date</c>, <c>time</c> (without an offset, as
    /// .NET has it), <c>date-time</c>, <c>uuid</c> and <c>email</c> are kept to; other formats, and titles, descriptions, defaults and
    /// examples, constrain nothing. Any other keyword is refused.
    /// </para>
    /// <para>
    /// Not all that a schema allows is generated. Properties come in their declared order, and others only if none are declared or
    /// <c>additionalProperties</c> is a schema; keys of the model's own choice are not repeated unless no other token may come (a budget
    /// that just suffices, with a vocabulary that leaves no choice). There are no spaces but at most one behind each comma and colon.
    /// Numbers have at most 15 digits before and 15 behind the point and no exponent. Objects and arrays nest at most 32 deep, and 8
    /// where the schema leaves a value open.
    /// </para>
    /// <para>
    /// Schemas that would take too long are refused: more than 1000 properties or alternatives in one place, patterns that leave more
    /// than 1000 ways to read a text at once, references that multiply. What <c>properties</c> with <c>additionalProperties</c>, and
    /// <c>items</c> with <c>prefixItems</c>, say beside <c>$ref</c>, <c>allOf</c>, <c>anyOf</c> or <c>oneOf</c> is not mixed with what
    /// these say by the same keywords: such schemas are refused, too.
    /// </para>
    /// </remarks>
    /// <param name="schema">The schema; it is copied.</param>
    /// <exception cref="NotSupportedException">
    /// The schema asks for what cannot be constrained; the message names the keyword and its JSON pointer.
    /// </exception>
    /// <exception cref="ArgumentException">The schema is malformed.</exception>
    public static TextGrammar JsonSchema(JsonElement schema) => SchemaReader.Read(schema);

    private static TextGrammar Combine(ReadOnlySpan<TextGrammar> items, Func<GrammarNode[], GrammarNode> combine, string name)
    {
        var nodes = new GrammarNode[items.Length];
        var hasOpenKeys = false;
        for (var i = 0; i < items.Length; i++)
        {
            var item = items[i] ?? throw new ArgumentException($"Grammar {i} is null.", name);
            nodes[i] = item.Node;
            hasOpenKeys |= item.HasOpenKeys;
        }

        return new TextGrammar(combine(nodes), hasOpenKeys);
    }
}
