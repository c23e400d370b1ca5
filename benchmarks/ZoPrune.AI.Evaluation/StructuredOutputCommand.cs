using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Evaluation;

/// <summary>
/// What it costs to hold an answer to a schema at a vocabulary of 151,936 tokens, against the last matrix product of a model of half a
/// billion parameters: the least that a decode step takes.
/// </summary>
internal static class StructuredOutputCommand
{
    private const int RandomTokens = 200;
    private const int HeadRuns = 60;

    private static readonly (string Name, string? Schema, string Answer)[] Cases =
    [
        ("any JSON object", null,
            """{"title": "sesan tolir", "pages": 312, "authors": ["mara", "lino"], "meta": {"isbn": null, "price": 12.5, "tags": ["old", "new"]}}"""),
        ("record: strings, numbers, enum, list",
            """
            { "type": "object", "properties": { "name": { "type": "string" }, "age": { "type": "integer", "minimum": 0, "maximum": 150 },
              "role": { "enum": ["reader", "author", "editor"] }, "score": { "type": ["number", "null"] }, "active": { "type": "boolean" },
              "tags": { "type": "array", "items": { "type": "string" } } },
              "required": ["name", "age", "role", "tags"], "additionalProperties": false }
            """,
            """{"name": "Tanos Verin", "age": 41, "role": "editor", "score": 7.25, "active": true, "tags": ["calm", "silver tone", "nora"]}"""),
        ("strings with limits",
            """
            { "type": "object", "properties": { "short": { "type": "string", "minLength": 3, "maxLength": 12 },
              "long": { "type": "string", "minLength": 40, "maxLength": 400 } }, "required": ["short", "long"] }
            """,
            """{"short": "salin", "long": "a picture of a small red house beside the sea, with two boats, a man, his dog and many clouds above them"}"""),
        ("patterns and formats",
            """
            { "type": "object", "properties": { "id": { "type": "string", "format": "uuid" }, "when": { "type": "string", "format": "date-time" },
              "code": { "type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$" }, "slug": { "type": "string", "pattern": "^[a-z]+(-[a-z]+)*$" },
              "mail": { "type": "string", "format": "email" } }, "required": ["id", "when", "code", "slug", "mail"] }
            """,
            """{"id":"0e8a8f6e-6e1e-4a6f-9d3c-0123456789ab","when":"2024-05-06T07:08:09Z","code":"ABC-0042","slug":"red-house-by-the-sea","mail":"mara.lino@example.com"}"""),
        ("dictionary of lists",
            """{ "type": "object", "additionalProperties": { "type": "array", "items": { "type": "integer" } } }""",
            """{"red": [1, 2, 3], "green": [], "blue": [40, 50, 60, 70], "black": [8]}"""),
        ("recursive tree",
            """
            { "$ref": "#/$defs/node", "$defs": { "node": { "type": "object", "properties": { "label": { "type": "string" },
              "children": { "type": "array", "items": { "$ref": "#/$defs/node" } } }, "required": ["label", "children"] } } }
            """,
            """{"label": "root", "children": [{"label": "left", "children": [{"label": "leaf", "children": []}]}, {"label": "right", "children": []}]}"""),
    ];

    public static int Run()
    {
        var bytes = SyntheticVocabulary.Create();
        int[] ends = [bytes.Length - 1];
        bytes[ends[0]] = null;
        var start = Stopwatch.GetTimestamp();
        var tokens = new TokenTable(bytes, _ => null, ends);
        var once = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var head = HeadMilliseconds();

        // The code itself is compiled once in a process, too.
        foreach (var (_, schema, answer) in Cases)
        {
            _ = Measure(tokens, Grammar(schema), answer);
        }

        var text = new StringBuilder("# Structured output: what the masks cost\n\n");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"Vocabulary of {SyntheticVocabulary.Size} byte-level tokens (synthetic, seeded). {Environments.Describe()}").AppendLine();
        text.AppendLine("Made by `dotnet run -c Release --project benchmarks/ZoPrune.AI.Evaluation -- structured-output`.").AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"Lower bound of a decode step: the last matrix product alone, [1, 896] x [896, {SyntheticVocabulary.Size}], 4 bits a weight "
            + $"(MatMulNBits, blocks of 32): **{head:F2} ms** (median of {HeadRuns}). Made once for a model: the token tries, {once:F0} ms.")
            .AppendLine();
        text.AppendLine(
            "\"First\": a grammar that was never used, so that the time holds whatever is worked out on the way, the grammar's own compilation "
            + "included. \"Again\": the same answer under the same grammar. Scripted answers are what a trained model would write, cut into "
            + "the longest tokens; random ones take any allowed token, " + RandomTokens + " at most.").AppendLine();
        text.AppendLine("| grammar | answer | tokens | first: mean ms a token | share of the step | slowest ms | again: mean ms a token | share of the step |");
        text.AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var (name, schema, answer) in Cases)
        {
            foreach (var script in new[] { answer, null })
            {
                var grammar = Grammar(schema);
                var (first, compiler) = Measure(tokens, grammar, script);
                var again = Answer(tokens, compiler, grammar, script);
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {(script is null ? "random" : "scripted")} | {first.Count} | {first.Average():F3} | {first.Average() / head:P1} "
                    + $"| {first.Max():F2} | {again.Average():F3} | {again.Average() / head:P1} |");
            }
        }

        File.WriteAllText(Repository.Results("structured-output.md"), text.ToString());
        Console.WriteLine(text);
        return 0;
    }

    private static TextGrammar Grammar(string? schema) =>
        schema is null ? TextGrammar.Json() : TextGrammar.JsonSchema(JsonDocument.Parse(schema).RootElement);

    private static double HeadMilliseconds()
    {
        using var head = new LanguageModelHead(SyntheticVocabulary.Size);
        var times = new List<double>();
        for (var i = 0; i < HeadRuns + 5; i++)
        {
            var start = Stopwatch.GetTimestamp();
            head.Run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times.Skip(5).Order().ElementAt(HeadRuns / 2);
    }

    private static (List<double> Times, GrammarCompiler Compiler) Measure(TokenTable tokens, TextGrammar grammar, string? script)
    {
        var compiler = new GrammarCompiler(() => tokens);
        return (Answer(tokens, compiler, grammar, script), compiler);
    }

    /// <summary>One answer; the time of making the constraint belongs to its first token.</summary>
    private static List<double> Answer(TokenTable tokens, GrammarCompiler compiler, TextGrammar grammar, string? script)
    {
        var random = new Random(3);
        var noise = Enumerable.Range(0, SyntheticVocabulary.Size).Select(_ => random.NextSingle()).ToArray();
        var logits = new float[noise.Length];
        var text = script is null ? null : Encoding.UTF8.GetBytes(script);
        var times = new List<double>();
        var start = Stopwatch.GetTimestamp();
        var constraint = compiler.CreateConstraint(grammar);
        var remaining = RandomTokens;
        for (var at = 0; !constraint.IsComplete && (text is null || at < text.Length);)
        {
            var shift = random.Next(noise.Length);
            noise.AsSpan(shift).CopyTo(logits);
            noise.AsSpan(0, shift).CopyTo(logits.AsSpan(noise.Length - shift));
            start = times.Count == 0 ? start : Stopwatch.GetTimestamp();
            constraint.Apply(logits, text is null ? remaining-- : 4096);
            var id = text is null
                ? System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits)
                : Longest(tokens.All, text.AsSpan(at), logits);
            constraint.Accept(id);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            at += tokens.BytesOf(id)?.Length ?? 0;
        }

        return times;
    }

    private static int Longest(TokenTrie trie, ReadOnlySpan<byte> text, float[] logits)
    {
        var (node, best) = (TokenTrie.Root, -1);
        foreach (var value in text)
        {
            node = trie.Child(node, value);
            if (node < 0)
            {
                break;
            }

            foreach (var id in trie.TokensAt(node))
            {
                best = float.IsNegativeInfinity(logits[id]) ? best : id;
            }
        }

        return best >= 0 ? best : throw new InvalidOperationException($"'{Encoding.UTF8.GetString(text)}' is not allowed.");
    }
}
