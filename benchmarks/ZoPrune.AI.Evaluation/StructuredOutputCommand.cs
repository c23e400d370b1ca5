using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Evaluation;

/// <summary>
/// What it costs to hold an answer to a schema at a vocabulary of 151,936 tokens, against the matrix products of a decode step of a model
/// of half a billion parameters.
/// </summary>
internal static class StructuredOutputCommand
{
    private const int RandomTokens = 200;
    private const int StepRuns = 9;
    private const int WarmUps = 5;

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

        // The code itself is compiled once in a process, too.
        for (var i = 0; i < WarmUps; i++)
        {
            foreach (var (_, schema, answer) in Cases)
            {
                _ = Measure(tokens, Grammar(schema), answer);
            }
        }

        var rows = new StringBuilder();
        var step = new List<double>();
        var head = new List<double>();
        using (var steps = new DecodeProducts(SyntheticVocabulary.Size, DecodeProducts.AllLayers))
        using (var heads = new DecodeProducts(SyntheticVocabulary.Size, layers: 0))
        {
            foreach (var (name, schema, answer) in Cases)
            {
                foreach (var script in new[] { answer, null })
                {
                    AddRow($"{name} | {(script is null ? "random" : "scripted")}", schema, script, steps, heads);
                }
            }
        }

        var text = new StringBuilder("# Structured output: what the masks cost\n\n");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"Vocabulary of {SyntheticVocabulary.Size} byte-level tokens (synthetic, seeded). {Environments.Describe()}").AppendLine();
        text.AppendLine("Made by `dotnet run -c Release --project benchmarks/ZoPrune.AI.Evaluation -- structured-output`.").AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"The step: all matrix products of one token in a model of the sizes of Qwen2.5-0.5B ({DecodeProducts.AllLayers} layers and the "
            + $"head), 4 bits a weight (MatMulNBits, blocks of 32, accuracy level 4), random weights, without attention and norms: less than "
            + $"a decode step can take. **{Median(step):F1} ms** (median of {step.Count}). The head: the last of these products alone, "
            + $"[1, 896] x [896, {SyntheticVocabulary.Size}], **{Median(head):F2} ms** (median of {head.Count}). Both were timed between the "
            + $"answers, and each row is set against the median of the runs around its own answers.").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Made once for a model: the token tries, {once:F0} ms.").AppendLine();
        text.AppendLine(
            "\"First\": a grammar that was never used, so that the time holds whatever is worked out on the way, the grammar's own compilation "
            + "included. \"Again\": the same answer under the same grammar. Scripted answers are what a trained model would write, cut into "
            + "the longest tokens; random ones take any allowed token, " + RandomTokens + " at most. A token's time is that of its mask and of "
            + "reading it, not of choosing it; shares are of the mean.")
            .AppendLine();
        text.AppendLine(
            "| grammar | answer | tokens | first: mean ms | slowest ms | of the step | of the head | again: mean ms | of the step | of the head |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        text.Append(rows);
        File.WriteAllText(Repository.Results("structured-output.md"), text.ToString());
        Console.WriteLine(text);
        return 0;

        void AddRow(string name, string? schema, string? script, DecodeProducts steps, DecodeProducts heads)
        {
            var (stepTimes, headTimes) = (new List<double>(), new List<double>());
            TimeProducts();
            var grammar = Grammar(schema);
            var (first, compiler) = Measure(tokens, grammar, script);
            TimeProducts();
            var again = Answer(tokens, compiler, grammar, script);
            TimeProducts();
            step.AddRange(stepTimes);
            head.AddRange(headTimes);
            rows.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {name} | {first.Count} | {first.Average():F3} | {first.Max():F2} | {first.Average() / Median(stepTimes):P1} "
                + $"| {first.Average() / Median(headTimes):P1} | {again.Average():F3} | {again.Average() / Median(stepTimes):P1} "
                + $"| {again.Average() / Median(headTimes):P1} |");

            void TimeProducts()
            {
                // The first run after a pause finds cold caches and sleeping threads.
                steps.Run();
                stepTimes.AddRange(Enumerable.Range(0, StepRuns).Select(_ => steps.Run()));
                heads.Run();
                headTimes.AddRange(Enumerable.Range(0, StepRuns).Select(_ => heads.Run()));
            }
        }
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static TextGrammar Grammar(string? schema) =>
        schema is null ? TextGrammar.Json() : TextGrammar.JsonSchema(JsonDocument.Parse(schema).RootElement);

    private static (List<double> Times, GrammarCompiler Compiler) Measure(TokenTable tokens, TextGrammar grammar, string? script)
    {
        var compiler = new GrammarCompiler(() => tokens);
        return (Answer(tokens, compiler, grammar, script), compiler);
    }

    /// <summary>One answer: what the masks take, without the choice; making the constraint belongs to the first token.</summary>
    private static List<double> Answer(TokenTable tokens, GrammarCompiler compiler, TextGrammar grammar, string? script)
    {
        var random = new Random(3);
        var noise = Enumerable.Range(0, SyntheticVocabulary.Size).Select(_ => random.NextSingle()).ToArray();
        var logits = new float[noise.Length];
        var text = script is null ? null : Encoding.UTF8.GetBytes(script);
        var times = new List<double>();
        var start = Stopwatch.GetTimestamp();
        var constraint = compiler.CreateConstraint(grammar);
        var made = Stopwatch.GetElapsedTime(start);
        var remaining = RandomTokens;
        for (var at = 0; !constraint.IsComplete && (text is null || at < text.Length);)
        {
            var shift = random.Next(noise.Length);
            noise.AsSpan(shift).CopyTo(logits);
            noise.AsSpan(0, shift).CopyTo(logits.AsSpan(noise.Length - shift));
            start = Stopwatch.GetTimestamp();
            constraint.Apply(logits, text is null ? remaining-- : 4096);
            var masked = Stopwatch.GetElapsedTime(start) + (times.Count == 0 ? made : default);
            var id = text is null
                ? System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits)
                : Longest(tokens.All, text.AsSpan(at), logits);
            var accept = Stopwatch.GetTimestamp();
            constraint.Accept(id);
            times.Add((masked + Stopwatch.GetElapsedTime(accept)).TotalMilliseconds);
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
