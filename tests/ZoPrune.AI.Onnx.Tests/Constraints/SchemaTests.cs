using System.Text.Json;
using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Tests.Constraints;

public sealed class SchemaTests
{
    [Theory]
    [InlineData("""{ "type": "object", "patternProperties": {} }""", "patternProperties", "#/patternProperties")]
    [InlineData("""{ "properties": { "a/b": { "propertyNames": {} } } }""", "propertyNames", "#/properties/a~1b/propertyNames")]
    [InlineData("""{ "minProperties": 1 }""", "minProperties", "#/minProperties")]
    [InlineData("""{ "maxProperties": 1 }""", "maxProperties", "#/maxProperties")]
    [InlineData("""{ "dependentRequired": {} }""", "dependentRequired", "#/dependentRequired")]
    [InlineData("""{ "dependentSchemas": {} }""", "dependentSchemas", "#/dependentSchemas")]
    [InlineData("""{ "dependencies": {} }""", "dependencies", "#/dependencies")]
    [InlineData("""{ "unevaluatedProperties": false }""", "unevaluatedProperties", "#/unevaluatedProperties")]
    [InlineData("""{ "unevaluatedItems": false }""", "unevaluatedItems", "#/unevaluatedItems")]
    [InlineData("""{ "type": "array", "contains": {} }""", "contains", "#/contains")]
    [InlineData("""{ "type": "array", "uniqueItems": true }""", "uniqueItems", "#/uniqueItems")]
    [InlineData("""{ "type": "array", "items": [{}] }""", "items", "#/items")]
    [InlineData("""{ "type": "array", "minItems": 3, "maxItems": 2 }""", "maxItems", "#/maxItems")]
    [InlineData("""{ "not": {} }""", "not", "#/not")]
    [InlineData("""{ "if": {} }""", "if", "#/if")]
    [InlineData("""{ "then": {} }""", "then", "#/then")]
    [InlineData("""{ "else": {} }""", "else", "#/else")]
    [InlineData("""{ "$dynamicRef": "#a" }""", "$dynamicRef", "#/$dynamicRef")]
    [InlineData("""{ "$anchor": "a" }""", "$anchor", "#/$anchor")]
    [InlineData("""{ "$ref": "other.json" }""", "$ref", "other.json")]
    [InlineData("""{ "$ref": "#anchor" }""", "$ref", "#anchor")]
    [InlineData("""{ "type": "number", "multipleOf": 0.5 }""", "multipleOf", "#/multipleOf")]
    [InlineData("""{ "items": { "oneOf": [{ "type": "string" }, { "minLength": 1 }] } }""", "oneOf", "#/items/oneOf")]
    [InlineData("""{ "allOf": [{ "minLength": 1 }, { "minLength": 2 }] }""", "allOf", "minLength")]
    [InlineData("""{ "maxLength": 1, "anyOf": [{ "maxLength": 2 }] }""", "anyOf", "maxLength")]
    [InlineData("""{ "enum": [1], "minimum": 0 }""", "minimum", "#/minimum")]
    [InlineData("""{ "type": "string", "enum": [1] }""", "enum", "#/enum")]
    [InlineData("""{ "type": "string", "pattern": "^a(?=b)" }""", "pattern", "lookaround")]
    [InlineData("""{ "type": "string", "pattern": "(?<!b)a" }""", "pattern", "lookaround")]
    [InlineData("""{ "type": "string", "pattern": "(a)\\1" }""", "pattern", "back reference")]
    [InlineData("""{ "type": "string", "pattern": "a\\b" }""", "pattern", "\\b")]
    [InlineData("""{ "type": "string", "pattern": "\\p{L}" }""", "pattern", "\\p")]
    [InlineData("""{ "type": "string", "pattern": "a(^b)" }""", "pattern", "'^'")]
    [InlineData("""{ "type": "string", "pattern": "(a" }""", "pattern", "without an end")]
    [InlineData("""{ "type": "string", "pattern": "a)" }""", "pattern", "without '('")]
    [InlineData("""{ "type": "string", "pattern": "[a" }""", "pattern", "without an end")]
    [InlineData("""{ "type": "string", "pattern": "^a*$", "maxLength": 3 }""", "pattern", "maxLength")]
    [InlineData("""{ "type": "object", "required": ["a"], "additionalProperties": false }""", "required", "'a'")]
    [InlineData("""{ "type": "integer", "minimum": 3, "maximum": 2 }""", "minimum", "#")]
    [InlineData("""{ "type": "number", "exclusiveMinimum": 2, "maximum": 2 }""", "minimum", "#")]
    [InlineData("""{ "$ref": "#" }""", "itself", "#")]
    [InlineData("false", "false", "#")]
    [InlineData("""{ "properties": { "a": false }, "required": ["a"] }""", "false", "#/properties/a")]
    public void What_generation_cannot_be_held_to_is_refused_by_name_and_place(string schema, string keyword, string detail)
    {
        var error = Assert.Throws<NotSupportedException>(() => Read(schema));
        Assert.Contains(keyword, error.Message, StringComparison.Ordinal);
        Assert.Contains(detail, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "#")]
    [InlineData("""{ "type": "text" }""", "#/type")]
    [InlineData("""{ "type": [] }""", "#/type")]
    [InlineData("""{ "enum": [] }""", "#/enum")]
    [InlineData("""{ "anyOf": [] }""", "#/anyOf")]
    [InlineData("""{ "type": "string", "minLength": -1 }""", "#/minLength")]
    [InlineData("""{ "type": "string", "maxLength": 1.5 }""", "#/maxLength")]
    [InlineData("""{ "type": "integer", "minimum": "1" }""", "#/minimum")]
    [InlineData("""{ "properties": [] }""", "#/properties")]
    [InlineData("""{ "required": "a" }""", "#/required")]
    [InlineData("""{ "$ref": "#/$defs/a" }""", "#/$defs/a")]
    public void A_malformed_schema_is_an_error_that_names_the_place(string schema, string place)
    {
        var error = Assert.Throws<ArgumentException>(() => Read(schema));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recursion_without_an_end_is_refused()
    {
        var grammar = Read("""{ "type": "object", "properties": { "a": { "$ref": "#" } }, "required": ["a"] }""");
        Assert.Throws<NotSupportedException>(() => new ByteTokens().Constrain(grammar));
    }

    /// <summary>Texts of the grammar's own style: the grammar and the validator agree.</summary>
    [Theory]
    [InlineData("""{ "type": "string", "minLength": 2, "maxLength": 3 }""", "\"a\"", "\"ab\"", "\"😀😀\"", "\"\\n\\u00e9\"", "\"\\ud83d\\ude00\"", "\"abc\"", "\"abcd\"", "\"\"", "1")]
    [InlineData("""{ "type": "integer", "minimum": -12, "exclusiveMaximum": 105 }""", "-13", "-12", "-1", "0", "7", "99", "104", "105", "1000", "1.5", "01")]
    [InlineData("""{ "type": "number", "exclusiveMinimum": -1.25, "maximum": 2.5 }""", "-1.25", "-1.24", "-1.2", "-1", "-2", "0", "0.0", "1.99", "2", "2.5", "2.50", "2.51", "3", "-0.5")]
    [InlineData("""{ "type": "number", "minimum": 0, "maximum": 1 }""", "0", "1", "0.5", "1.0", "1.01", "-0.1", "2")]
    [InlineData("""{ "type": "number", "minimum": 0.125, "exclusiveMaximum": 0.13 }""", "0.125", "0.12", "0.1250", "0.1299", "0.13", "0.126")]
    [InlineData("""{ "type": ["boolean", "null"] }""", "true", "false", "null", "0", "\"true\"")]
    [InlineData("""{ "enum": ["a", "ab", "é\"", 1.5, null, { "x": [1] }] }""", "\"a\"", "\"ab\"", "\"abc\"", "\"é\\\"\"", "1.5", "1", "null", "{\"x\":[1]}", "{}")]
    [InlineData("""{ "type": "integer", "enum": [1, 2.5, "x", 3] }""", "1", "2.5", "\"x\"", "3")]
    [InlineData("""{ "const": [1, "two"] }""", "[1,\"two\"]", "[1]", "null")]
    [InlineData("""{ "type": "array", "items": { "type": "boolean" }, "minItems": 1, "maxItems": 2 }""", "[]", "[true]", "[true,false]", "[true, false]", "[true,true,true]", "[1]")]
    [InlineData("""{ "type": "array", "prefixItems": [{ "type": "null" }, { "type": "boolean" }], "items": { "const": 1 } }""", "[]", "[null]", "[null,true]", "[null,true,1,1]", "[true]", "[null,1]", "[null,true,2]")]
    [InlineData("""{ "type": "array", "prefixItems": [{ "type": "null" }], "items": false, "minItems": 1 }""", "[]", "[null]", "[null,null]")]
    [InlineData("""{ "type": "object", "properties": { "a": { "const": 1 }, "b": { "const": 2 }, "c": { "const": 3 } }, "required": ["b"], "additionalProperties": false }""", "{}", "{\"b\":2}", "{\"a\":1,\"b\":2}", "{\"b\":2, \"c\": 3}", "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1}", "{\"b\":2,\"d\":4}", "{\"b\":2,}", "{,\"b\":2}")]
    [InlineData("""{ "type": "object", "properties": { "ab": { "const": 1 } }, "additionalProperties": { "type": "boolean" } }""", "{}", "{\"ab\":1}", "{\"ab\":true}", "{\"a\":true}", "{\"abc\":true}", "{\"ab\":1,\"x\":false}", "{\"x\":1}", "{\"\":true}", "{\"b\\n\":true}")]
    [InlineData("""{ "type": "object", "required": ["z"] }""", "{}", "{\"z\":[1,{}]}", "{\"z\":\"\"}")]
    [InlineData("""{ "type": "object", "additionalProperties": { "type": "null" }, "required": ["z"] }""", "{}", "{\"z\":null}", "{\"z\":1}", "{\"z\":null,\"y\":null}")]
    [InlineData("""{ "anyOf": [{ "type": "integer" }, { "type": "string", "pattern": "^\\d+$" }] }""", "1", "\"1\"", "\"a\"", "true")]
    [InlineData("""{ "type": "object", "anyOf": [{ "required": ["a"] }, { "required": ["b"] }], "properties": { "a": { "const": 1 }, "b": { "const": 2 } }, "additionalProperties": false }""", "{}", "{\"a\":1}", "{\"b\":2}", "{\"a\":1,\"b\":2}")]
    [InlineData("""{ "allOf": [{ "minLength": 2 }, { "maxLength": 2 }], "type": "string" }""", "\"a\"", "\"ab\"", "\"abc\"")]
    [InlineData("""{ "$defs": { "n": { "anyOf": [{ "type": "null" }, { "type": "array", "items": { "$ref": "#/$defs/n" } }] } }, "$ref": "#/$defs/n" }""", "null", "[]", "[null,[[]]]", "[1]")]
    [InlineData("""{ "type": "string", "format": "date" }""", "\"2024-02-29\"", "\"2023-02-29\"", "\"2023-13-01\"", "\"1999-12-31\"", "\"2000-02-29\"", "\"1900-02-29\"")]
    [InlineData("""{ "type": "string", "format": "date-time" }""", "\"2024-02-29T23:59:59Z\"", "\"2024-02-29T24:00:00Z\"", "\"2024-02-29T01:02:03.5+01:00\"", "\"2024-02-29\"")]
    [InlineData("""{ "type": "string", "format": "uuid" }""", "\"0e8a8f6e-6e1e-4a6f-9d3c-0123456789aB\"", "\"0e8a8f6e\"")]
    [InlineData("""{ "type": "number", "multipleOf": 1 }""", "5", "5.5")]
    public void Texts_are_taken_exactly_if_they_are_valid(string schema, params string[] texts)
    {
        var element = JsonDocument.Parse(schema).RootElement;
        var check = new JsonCheck(element);
        var grammar = TextGrammar.JsonSchema(element);
        foreach (var text in texts)
        {
            Assert.True(IsValid(check, text) == ByteTokens.Accepts(grammar, text), text);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"a":1,"b":[true,null,{"c":""}]}""")]
    [InlineData("""{"a": "\u00e9\ud83d\ude00\\", "ключ": -1.5}""")]
    public void Any_object_is_JSON(string json) => Assert.True(ByteTokens.Accepts(TextGrammar.Json(), json));

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("""{"a":1""")]
    [InlineData("""{"a":01}""")]
    [InlineData("""{"a":"\x"}""")]
    [InlineData("""{"a":"\ud83d"}""")]
    [InlineData("""{"a":"\ude00"}""")]
    [InlineData("{\"a\":\"\n\"}")]
    [InlineData("""{"a":1,}""")]
    [InlineData(" {}")]
    public void What_is_no_object_or_not_JSON_is_not(string text) => Assert.False(ByteTokens.Accepts(TextGrammar.Json(), text));

    [Fact]
    public void Formats_without_a_rule_and_notes_constrain_nothing()
    {
        var grammar = Read("""{ "type": "string", "format": "uri", "title": "t", "x-note": 1, "deprecated": true, "default": 3 }""");
        Assert.True(ByteTokens.Accepts(grammar, "\"no uri\""));
    }

    [Theory]
    [InlineData("^a|b$", "a", "ax", "xb", "x", "b", "")]
    [InlineData("b", "abc", "b", "ac")]
    [InlineData(@"^\w\W\d\D\s\S$", "a-1x y", "a-1x\tz", "aa1x y")]
    [InlineData("^[^\\d\\s]+$", "ab", "a1", "a b")]
    [InlineData("^(?:ab|a)(?<n>c|bc){1,2}$", "abc", "ac", "abbc", "abcbc", "abcbcbc", "a")]
    [InlineData("^a{2}b{1,}c{0,1}?d*?$", "aab", "aabbcddd", "ab", "aabcc")]
    [InlineData("^x{a}{$", "x{a}{", "xa")]
    [InlineData(@"^[\]\-a-c.]\.$", "].", "-.", "b.", "..", "d.")]
    [InlineData(@"^""\\/$", "\"\\/", "/")]
    [InlineData("^日.[本-語]$", "日x本", "日xa")]
    public void Patterns_match_what_they_match_for_dotnet(string pattern, params string[] texts)
    {
        var schema = JsonSerializer.SerializeToElement(new { type = "string", pattern });
        var grammar = TextGrammar.JsonSchema(schema);
        foreach (var text in texts)
        {
            var json = JsonSerializer.Serialize(text, new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            Assert.True(System.Text.RegularExpressions.Regex.IsMatch(text, pattern) == ByteTokens.Accepts(grammar, json), text);
        }
    }

    [Fact]
    public void All_bounds_of_integers_are_exact()
    {
        var random = new Random(5);
        for (var i = 0; i < 60; i++)
        {
            var low = random.Next(-1200, 1200);
            var high = low + random.Next(0, 1500);
            var grammar = Read($$"""{ "type": "integer", "minimum": {{low}}, "maximum": {{high}} }""");
            foreach (var value in new[] { low - 1, low, low + 1, high - 1, high, high + 1, 0, -low, random.Next(-3000, 3000), random.Next(low, high + 1) })
            {
                Assert.True(ByteTokens.Accepts(grammar, $"{value}") == (value >= low && value <= high), $"{value} in {low}..{high}");
            }
        }
    }

    private static TextGrammar Read(string schema) => TextGrammar.JsonSchema(JsonDocument.Parse(schema).RootElement);

    private static bool IsValid(JsonCheck check, string text)
    {
        try
        {
            return check.IsValid(text);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
