using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Tests.Constraints;

/// <summary>Schemas and grammars that would take all time, all memory or the stack end in an exception, and large ones work.</summary>
public sealed class HostileSchemaTests
{
    [Theory]
    [InlineData(101)]
    [InlineData(2000)]
    [InlineData(20_000)]
    public void Groups_in_one_another_are_refused(int depth)
    {
        var error = Refused(Pattern(new string('(', depth) + "a" + new string(')', depth)));
        Assert.Contains("'pattern' at #/pattern", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Quantifiers_in_a_row_are_refused() =>
        Assert.Contains("quantifier", Refused(Pattern("^a" + string.Concat(Enumerable.Repeat("{2}", 3000)) + "$")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(500)]
    [InlineData(20_000)]
    public void Chains_of_references_are_refused(int length)
    {
        var definitions = new JsonObject();
        for (var i = 0; i < length; i++)
        {
            definitions[$"a{i}"] = new JsonObject { ["$ref"] = $"#/$defs/a{i + 1}" };
        }

        definitions[$"a{length}"] = new JsonObject { ["type"] = "null" };
        var error = Refused(new JsonObject { ["$defs"] = definitions, ["$ref"] = "#/$defs/a0" });
        Assert.Contains("lead to one another", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_of_a_hundred_references_is_read()
    {
        var definitions = new JsonObject();
        for (var i = 0; i < 100; i++)
        {
            definitions[$"a{i}"] = new JsonObject { ["$ref"] = $"#/$defs/a{i + 1}", ["title"] = "t" };
        }

        definitions["a100"] = new JsonObject { ["const"] = 1 };
        Assert.True(ByteTokens.Accepts(Read(new JsonObject { ["$defs"] = definitions, ["$ref"] = "#/$defs/a0" }), "1"));
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(30_000)]
    public void Too_many_properties_are_refused(int count) =>
        Assert.Contains("'properties' at #/properties", Refused(Properties(count)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_thousand_optional_properties_work()
    {
        var grammar = Read(Properties(1000));
        var tokens = new ByteTokens();
        Assert.True(tokens.Allows(grammar, """{"p0":null,"p500":null,"p999":null}"""));
        Assert.False(tokens.Allows(grammar, """{"p1":null,"p0":null}"""));
    }

    [Fact]
    public void Long_names_beside_open_keys_work_or_are_refused()
    {
        var name = new string('n', 999);
        var schema = Parse($$"""{ "properties": { "{{name}}": { "type": "null" } }, "additionalProperties": { "type": "boolean" } }""");
        Assert.True(ByteTokens.Accepts(TextGrammar.JsonSchema(schema), $$"""{"{{name}}":null,"{{name}}x":true}"""));

        name = new string('n', 200_000);
        schema = Parse($$"""{ "properties": { "{{name}}": { "type": "null" } }, "additionalProperties": { "type": "boolean" } }""");
        var error = Assert.Throws<NotSupportedException>(() => TextGrammar.JsonSchema(schema));
        Assert.Contains("'properties' at #/properties", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Grammars_in_one_another_are_no_recursion()
    {
        var grammar = TextGrammar.Literal("");
        for (var i = 0; i < 20_000; i++)
        {
            grammar = TextGrammar.Sequence(TextGrammar.AnyOf(TextGrammar.Literal("a"), TextGrammar.Literal("b")), grammar);
        }

        var constraint = new ByteTokens().Constrain(grammar);
        for (var i = 0; i < 20_000; i++)
        {
            constraint.Accept('a' + (i % 2));
        }

        Assert.True(constraint.IsComplete);
    }

    [Fact]
    public void Very_many_optional_parts_behind_one_another_are_refused()
    {
        var grammar = TextGrammar.Literal("");
        for (var i = 0; i < 60_000; i++)
        {
            grammar = TextGrammar.Sequence(TextGrammar.Repeat(TextGrammar.Literal("a"), 0, 1), grammar);
        }

        Assert.Throws<NotSupportedException>(() => new ByteTokens().Constrain(grammar).Accept('a'));
    }

    [Fact]
    public void A_deep_document_is_refused()
    {
        var text = string.Concat(Enumerable.Repeat("{\"items\":", 5000)) + "{}" + new string('}', 5000);
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 10_000 });
        var error = Assert.Throws<NotSupportedException>(() => TextGrammar.JsonSchema(document.RootElement));
        Assert.Contains("64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keywords_beside_a_recursive_reference_are_read_once_for_each_depth()
    {
        var grammar = TextGrammar.JsonSchema(Parse("""
            {
              "$ref": "#/$defs/node",
              "$defs": {
                "node": {
                  "type": "object",
                  "properties": {
                    "left": { "$ref": "#/$defs/node", "type": "object" },
                    "right": { "$ref": "#/$defs/node", "type": "object" }
                  }
                }
              }
            }
            """));
        Assert.True(ByteTokens.Accepts(grammar, """{"left":{"right":{"left":{}}},"right":{}}"""));
        Assert.False(ByteTokens.Accepts(grammar, """{"left":null}"""));
    }

    [Fact]
    public void References_that_multiply_are_refused()
    {
        // Each level asks twice for the next one, each time in other words.
        var definitions = new JsonObject();
        for (var i = 0; i < 40; i++)
        {
            definitions[$"a{i}"] = new JsonObject
            {
                ["anyOf"] = new JsonArray(
                    new JsonObject { ["$ref"] = $"#/$defs/a{i + 1}", [$"x-{i}"] = 0, ["required"] = new JsonArray($"l{i}") },
                    new JsonObject { ["$ref"] = $"#/$defs/a{i + 1}", [$"x-{i}"] = 0, ["required"] = new JsonArray($"r{i}") }),
            };
        }

        definitions["a40"] = new JsonObject { ["type"] = "object" };
        var error = Refused(new JsonObject { ["$defs"] = definitions, ["$ref"] = "#/$defs/a0" });
        Assert.Contains("too large", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("^((a?){1,50}b?){1,1000}$")]
    [InlineData("^(a|aa|aaa){1,3000}$")]
    [InlineData("^((a|b){1,40}c?){1,40}$")]
    [InlineData("(a|b){1,3000}c")]
    [InlineData("^((a{1,100}b?){1,100}c?){1,100}$")]
    [InlineData("^(a{9999}b?){9999}(a{9999}b?){9999}(a{9999}b?){9999}$")]
    public void Patterns_with_too_many_readings_are_refused(string pattern) =>
        Assert.Contains("'pattern' at #/pattern", Refused(Pattern(pattern)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("^(a{1,1000}){1,1000}$", 3000)]
    [InlineData("^((a?){1,500}){1,500}$", 3000)]
    [InlineData("^(a|aa|aaa){1,160}$", 480)]
    [InlineData("^[a-z]{0,5000}$", 5000)]
    [InlineData("^((a{1,20}b?){1,5}c?){1,9}$", 900)]
    [InlineData("a{900}", 2000)]
    [InlineData("^(((a|b)*a(a|b){6}){1,3}c?){1,12}$", 600)]
    public void Patterns_that_are_taken_never_become_too_ambiguous(string pattern, int length)
    {
        var constraint = new ByteTokens("aa", "aaa").Constrain(Read(Pattern(pattern)));
        constraint.Accept('"');
        for (var i = 0; i < length; i++)
        {
            Assert.True(constraint.TokensToEnd < 10_000);
            constraint.Accept('a');
        }

        constraint.Accept('"');
        Assert.True(constraint.IsComplete);
    }

    [Theory]
    [InlineData("^(a{2,3}){2,4}$")]
    [InlineData("^(a{3}){1,2}$")]
    [InlineData("^(a{3,4}){1,3}$")]
    [InlineData("^(a{2,}){0,3}$")]
    [InlineData("^(a{1,}){0,3}$")]
    [InlineData("^((a{2}){2}){1,2}$")]
    [InlineData("^(a?){3}$")]
    [InlineData("^(a{0}){3,5}$")]
    [InlineData("^(a{2,5}){0}$")]
    [InlineData("^(a{2,5})*$")]
    [InlineData("^(a{3,5})+$")]
    [InlineData("^(a+)?$")]
    [InlineData("^((a{2,3})?){2}$")]
    public void Counts_of_counts_mean_what_they_mean_for_dotnet(string pattern)
    {
        var grammar = Read(Pattern(pattern));
        for (var length = 0; length < 16; length++)
        {
            var text = new string('a', length);
            Assert.True(
                System.Text.RegularExpressions.Regex.IsMatch(text, pattern) == ByteTokens.Accepts(grammar, $"\"{text}\""),
                $"{length} for {pattern}");
        }
    }

    [Fact]
    public void Thousands_of_values_work()
    {
        var grammar = Read(new JsonObject { ["enum"] = new JsonArray([.. Enumerable.Range(0, 20_000).Select(i => (JsonNode)$"v{i}")]) });
        var tokens = new ByteTokens();
        var constraint = tokens.Constrain(grammar);
        foreach (var value in "\"v19999\"")
        {
            Assert.False(constraint.MayEnd);
            constraint.Accept(value);
        }

        Assert.True(constraint.IsComplete);
        Assert.False(tokens.Allows(grammar, "\"v20000\""));
        Assert.False(tokens.Allows(grammar, "\"v\""));
        Assert.True(tokens.Allows(grammar, "\"v1\""));
    }

    [Fact]
    public void Values_of_the_same_beginning_as_many_as_a_schema_holds_are_values_or_refused()
    {
        var schema = new JsonObject { ["enum"] = new JsonArray([.. Enumerable.Range(0, 1500).Select(i => (JsonNode)new string('a', i))]) };
        Assert.True(ByteTokens.Accepts(Read(schema), "\"" + new string('a', 1499) + "\""));
    }

    [Theory]
    [InlineData("""{ "oneOf": [{ "type": 1 }, { "type": "null" }] }""", "#/oneOf/0/type")]
    [InlineData("""{ "anyOf": [{ "type": 5 }], "type": "string" }""", "#/anyOf/0/type")]
    [InlineData("""{ "oneOf": [{ "type": "object", "required": [1] }, { "type": "object", "required": ["a"] }] }""", "#/oneOf/0/required")]
    [InlineData("""{ "required": [1], "anyOf": [{ "required": ["a"] }] }""", "#/required")]
    [InlineData("""{ "allOf": [1], "type": "string" }""", "#/allOf/0")]
    [InlineData("""{ "enum": ["\ud800"] }""", "byte")]
    [InlineData("""{ "required": ["\udc00x"] }""", "byte")]
    [InlineData("""{ "properties": { "\ud800": {} } }""", "byte")]
    [InlineData("""{ "properties": { "a": true, "a": false } }""", "a")]
    public void Malformed_keywords_are_named_wherever_they_are_read(string schema, string place)
    {
        var error = Assert.Throws<ArgumentException>(() => TextGrammar.JsonSchema(Parse(schema)));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_that_is_undefined_is_an_error() => Assert.Throws<ArgumentException>(() => TextGrammar.JsonSchema(default));

    [Theory]
    [InlineData("""{ "type": "number", "minimum": 1e-40 }""", "minimum")]
    [InlineData("""{ "type": "number", "exclusiveMaximum": 0.12345678901234567890123456789012 }""", "exclusiveMaximum")]
    [InlineData("""{ "type": "integer", "maximum": 1e-99999999999 }""", "maximum")]
    public void Bounds_that_would_be_rounded_are_refused(string schema, string keyword) => Assert.Contains(
        keyword, Assert.Throws<NotSupportedException>(() => TextGrammar.JsonSchema(Parse(schema))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "type": "integer", "minimum": 1.50e1, "maximum": 1.6000000000000000000000000000000000e+1 }""")]
    [InlineData("""{ "type": "integer", "minimum": -1e300, "maximum": 0.0e5 }""")]
    public void Bounds_may_be_written_in_any_way(string schema)
    {
        var element = Parse(schema);
        var check = new JsonCheck(element);
        foreach (var text in new[] { "-1", "0", "1", "14", "15", "16", "17" })
        {
            Assert.Equal(check.IsValid(text), ByteTokens.Accepts(TextGrammar.JsonSchema(element), text));
        }
    }

    private static JsonObject Pattern(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    private static JsonObject Properties(int count) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(Enumerable.Range(0, count)
            .Select(i => KeyValuePair.Create($"p{i}", (JsonNode?)new JsonObject { ["type"] = "null" }))),
    };

    private static NotSupportedException Refused(JsonObject schema) => Assert.Throws<NotSupportedException>(() => Read(schema));

    private static TextGrammar Read(JsonObject schema) => TextGrammar.JsonSchema(JsonSerializer.SerializeToElement(schema));

    private static JsonElement Parse(string schema) => JsonDocument.Parse(Encoding.UTF8.GetBytes(schema)).RootElement;
}
