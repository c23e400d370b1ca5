using System.Text.Json;
using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Onnx.Tests.Constraints;

/// <summary>Keywords beside <c>$ref</c>, <c>allOf</c>, <c>anyOf</c> and <c>oneOf</c>: refused, or nothing is generated that is not valid.</summary>
public sealed class SchemaMergeTests
{
    private static readonly string[] Keywords = ["$ref", "two", "anyOf"];

    private static readonly string[] Objects =
    [
        "{}", "{\"a\":1}", "{\"a\":\"x\"}", "{\"b\":\"x\"}", "{\"b\":1}", "{\"a\":1,\"b\":\"x\"}", "{\"a\":1,\"c\":\"x\"}", "{\"c\":1}",
        "{\"c\":\"x\"}",
    ];

    private static readonly string[] Arrays = ["[]", "[1]", "[\"x\"]", "[1,\"x\"]", "[1,1]", "[\"x\",\"x\"]", "[\"x\",1]", "[1,null]"];

    [Fact]
    public void Properties_and_other_properties_on_two_sides_are_sound()
    {
        string?[] properties = [null, """{ "a": { "type": "integer" } }""", """{ "b": { "type": "string" } }"""];
        string?[] others = [null, "true", "false", """{ "type": "string" }"""];
        var sides = properties.SelectMany(p => others.Select(o => Side("object", "properties", p, "additionalProperties", o))).ToArray();
        Sound(sides, Objects, atLeast: 100);
    }

    [Fact]
    public void Items_on_two_sides_are_sound()
    {
        string?[] prefixes = [null, """[{ "type": "integer" }]""", """[{ "type": "string" }]"""];
        string?[] items = [null, "true", "false", "{}", """{ "type": "string" }"""];
        var sides = prefixes.SelectMany(p => items.Select(i => Side("array", "prefixItems", p, "items", i))).ToArray();
        Sound(sides, Arrays, atLeast: 100);
    }

    [Theory]
    [InlineData("""{ "type": "object", "additionalProperties": false, "anyOf": [{ "properties": { "a": {} }, "required": ["a"] }] }""", "anyOf", "additionalProperties")]
    [InlineData("""{ "$ref": "#/$defs/x", "properties": { "a": {} }, "required": ["a"], "$defs": { "x": { "type": "object", "additionalProperties": false } } }""", "$ref", "additionalProperties")]
    [InlineData("""{ "allOf": [{ "additionalProperties": { "type": "string" } }, { "properties": { "n": { "type": "integer" } }, "required": ["n"] }] }""", "allOf", "additionalProperties")]
    [InlineData("""{ "items": { "type": "string" }, "anyOf": [{ "prefixItems": [{ "type": "integer" }] }] }""", "anyOf", "items")]
    [InlineData("""{ "items": { "type": "string" }, "allOf": [{ "prefixItems": [{ "type": "integer" }] }] }""", "allOf", "items")]
    [InlineData("""{ "allOf": [{ "type": "string" }, { "type": "null" }] }""", "allOf", "type")]
    [InlineData("""{ "anyOf": [false, false] }""", "anyOf", "false")]
    public void What_depends_on_keywords_elsewhere_is_refused(string schema, string keyword, string other)
    {
        var error = Assert.Throws<NotSupportedException>(() => TextGrammar.JsonSchema(JsonDocument.Parse(schema).RootElement));
        Assert.Contains($"'{keyword}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(other, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "allOf": [{ "allOf": [{ "minLength": 2 }] }, { "type": "string" }] }""", "\"a\"", "\"ab\"", "1")]
    [InlineData("""{ "allOf": [true, { "type": "string" }, true] }""", "\"a\"", "1")]
    [InlineData("""{ "type": "number", "anyOf": [{ "type": "integer" }, { "type": ["number", "null"], "minimum": 5 }] }""", "1", "1.5", "5.5", "null")]
    [InlineData("""{ "type": "object", "properties": { "a": { "const": 1 } }, "required": ["a"], "allOf": [{ "additionalProperties": true }] }""", "{\"a\":1}", "{}", "{\"a\":2}")]
    [InlineData("""{ "type": "array", "items": {}, "anyOf": [{ "prefixItems": [{ "const": 1 }], "items": false }] }""", "[]", "[1]", "[2]", "[1,1]")]
    [InlineData("""{ "type": "string", "anyOf": [false, { "const": "a" }, { "type": "string", "minLength": 3 }] }""", "\"a\"", "\"b\"", "\"bcd\"")]
    public void What_goes_together_is_exact(string schema, params string[] texts)
    {
        var element = JsonDocument.Parse(schema).RootElement;
        var check = new JsonCheck(element);
        var grammar = TextGrammar.JsonSchema(element);
        Assert.All(texts, text => Assert.Equal(check.IsValid(text), ByteTokens.Accepts(grammar, text)));
    }

    [Theory]
    [InlineData("""{ "type": "object", "anyOf": [{ "properties": { "a": { "const": 1 } }, "required": ["a"] }] }""")]
    [InlineData("""{ "type": "object", "$ref": "#/$defs/x", "$defs": { "x": { "properties": { "a": { "const": 1 } }, "required": ["a"] } } }""")]
    [InlineData("""{ "type": "object", "properties": { "a": { "const": 1 } }, "required": ["a"] }""")]
    public void Arguments_of_tools_may_be_named_anywhere(string schema)
    {
        var tool = new ToolDefinition("f", null, JsonDocument.Parse(schema).RootElement);
        var grammar = ToolCallFormats.Json.CreateGrammar([tool], several: false);
        Assert.True(ByteTokens.Accepts(grammar, """{"name": "f", "parameters": {"a":1}}"""));
        Assert.False(ByteTokens.Accepts(grammar, """{"name": "f", "parameters": {}}"""));
        Assert.False(ByteTokens.Accepts(grammar, """{"name": "f", "parameters": {"a":1,"b":1}}"""));
    }

    private static JsonObject Side(string type, string name, string? value, string rest, string? restValue)
    {
        var side = new JsonObject { ["type"] = type };
        if (value is not null)
        {
            side[name] = JsonNode.Parse(value);
        }

        if (restValue is not null)
        {
            side[rest] = JsonNode.Parse(restValue);
        }

        return side;
    }

    private static void Sound(JsonObject[] sides, string[] texts, int atLeast)
    {
        var taken = 0;
        var tokens = new ByteTokens();
        foreach (var outer in sides)
        {
            foreach (var inner in sides)
            {
                foreach (var keyword in Keywords)
                {
                    var element = JsonSerializer.SerializeToElement(Combine(outer, keyword, inner));
                    TextGrammar grammar;
                    try
                    {
                        grammar = TextGrammar.JsonSchema(element);
                    }
                    catch (NotSupportedException)
                    {
                        continue;
                    }

                    taken++;
                    var check = new JsonCheck(element);
                    foreach (var text in texts)
                    {
                        Assert.True(!tokens.Allows(grammar, text) || check.IsValid(text), $"{text} by {element}");
                    }
                }
            }
        }

        Assert.True(taken >= atLeast, $"{taken}");
    }

    private static JsonObject Combine(JsonObject outer, string keyword, JsonObject inner)
    {
        var (schema, other) = ((JsonObject)outer.DeepClone(), (JsonObject)inner.DeepClone());
        switch (keyword)
        {
            case "$ref":
                schema["$defs"] = new JsonObject { ["x"] = other };
                schema["$ref"] = "#/$defs/x";
                return schema;
            case "two":
                return new JsonObject { ["allOf"] = new JsonArray(schema, other) };
            default:
                schema[keyword] = new JsonArray(other);
                return schema;
        }
    }
}
