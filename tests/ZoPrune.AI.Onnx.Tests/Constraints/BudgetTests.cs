using System.Text;
using System.Text.Json;
using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Tests.Constraints;

public sealed class BudgetTests
{
    private static readonly string[] Longer =
        ["{\"", "\":", "\",\"", "\"}", "}]", "[[", "true", "null", "12", "name", "\"name\":", "ab", "\"a\":1,\"b\":", "😀", "{}", "\"\"", "abcabcabc"];

    /// <summary>From exactly the tokens that the shortest answer takes: every answer ends in time, valid.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Every_budget_suffices(int first)
    {
        var tokens = new ByteTokens(Longer);
        for (var seed = first; seed < first + 100; seed++)
        {
            var schema = RandomSchemas.Create(seed);
            var check = new JsonCheck(schema);
            var grammar = TextGrammar.JsonSchema(schema);
            var needed = tokens.Constrain(grammar).TokensToEnd;
            for (var more = 0; more < 8; more++)
            {
                check.Valid(Generate(tokens, grammar, needed + more, new Random((seed * 31) + more)));
            }
        }
    }

    [Fact]
    public void Keys_of_the_models_own_choice_do_not_repeat_in_any_budget()
    {
        // Few characters, so that keys meet.
        var tokens = new ByteTokens("\"a\"", "\"a\":", ",\"\":", "{\"a\":1,\"b\":", ", \"b\": ", "a", "b");
        var schema = JsonDocument.Parse("""{ "type": "object", "properties": { "a": { "const": 1 } }, "additionalProperties": { "enum": [1, {}] } }""");
        foreach (var grammar in new[] { TextGrammar.JsonSchema(schema.RootElement), TextGrammar.Json() })
        {
            for (var seed = 0; seed < 400; seed++)
            {
                var json = Generate(tokens, grammar, 2 + (seed % 40), new Random(seed), "{}[]\":,ab1 ");
                using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            }
        }
    }

    [Fact]
    public void Fewer_tokens_than_the_shortest_text_takes_are_an_error()
    {
        var constraint = new ByteTokens("abc", "bcde").Constrain(TextGrammar.Literal("abcde"));
        Assert.Equal(2, constraint.TokensToEnd);
        Assert.Throws<ArgumentOutOfRangeException>(() => constraint.Apply(new float[304], 1));
        constraint.Apply(new float[304], 2);
        constraint.Accept('a');
        Assert.Equal(1, constraint.TokensToEnd);
    }

    [Fact]
    public void The_last_token_can_be_one_that_spans_several_parts()
    {
        var tokens = new ByteTokens("\"a\":1}");
        var schema = JsonDocument.Parse("""{ "type": "object", "properties": { "a": { "const": 1 }, "b": { "type": "string" } } }""");
        var constraint = tokens.Constrain(TextGrammar.JsonSchema(schema.RootElement));
        constraint.Accept('{');
        Assert.Equal(['}', 256], tokens.Allowed(constraint, 1).Order());
    }

    private static string Generate(ByteTokens tokens, TextGrammar grammar, int budget, Random random, string? alphabet = null)
    {
        var constraint = tokens.Constrain(grammar);
        var text = new List<byte>();
        for (var remaining = budget; remaining > 0 && !constraint.IsComplete; remaining--)
        {
            var allowed = tokens.Allowed(constraint, remaining).Order().ToArray();
            var liked = alphabet is null ? allowed : [.. allowed.Where(id => id > 255 || alphabet.Contains((char)id))];
            allowed = liked.Length > 0 ? liked : allowed;
            var id = allowed[random.Next(allowed.Length)];
            constraint.Accept(id);
            if (id == ByteTokens.End)
            {
                break;
            }

            text.AddRange(tokens.Bytes[id]!);
        }

        Assert.True(constraint.MayEnd, Encoding.UTF8.GetString([.. text]));
        return Encoding.UTF8.GetString([.. text]);
    }
}
