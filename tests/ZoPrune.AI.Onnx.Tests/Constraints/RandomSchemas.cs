using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Tests.Constraints;

/// <summary>Schemas of all supported keywords, the same for the same seed.</summary>
internal sealed class RandomSchemas
{
    private static readonly string[] Names =
    [
        "name", "age", "a", "ab", "abc", "größe", "名前", "😀", "with space", "quote\"d", "back\\slash", "", "tags", "new\nline", "x/y~z",
    ];

    private static readonly string[] Patterns =
    [
        "^[a-z]{2,5}$", "^(foo|bar)+$", @"^\d{3}-\d{2}$", "[A-F0-9]", @"^\w+@\w+\.com$", "^.{1,4}$", "^[^a-z\"]{2}$", "^ä?ö*ü+$", "^$",
        @"^(\+\d{1,2} )?\(\d{3}\) \d+$", "^a|b$", @"^[\s\S]{2}$", @"^\\[\\\]]\u0041\x42$",
    ];

    private readonly Random _random;

    private RandomSchemas(int seed)
    {
        _random = new Random(seed);
    }

    /// <summary>A schema; every third one is an object at its root.</summary>
    public static JsonElement Create(int seed)
    {
        var schemas = new RandomSchemas(seed);
        var schema = seed % 3 == 0 ? schemas.Object(3) : schemas.Any(3);
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        schema["title"] = "a title";
        schema["$defs"] = schemas.Definitions();
        return JsonSerializer.SerializeToElement(schema);
    }

    private JsonObject Definitions() => new()
    {
        ["tree"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["value"] = Integer(),
                ["left"] = new JsonObject { ["$ref"] = "#/$defs/tree" },
                ["children"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["$ref"] = "#/$defs/tree" } },
            },
            ["required"] = new JsonArray("value"),
            ["additionalProperties"] = false,
        },
        ["list"] = new JsonObject
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = "null" },
                new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject { ["next"] = new JsonObject { ["$ref"] = "#/$defs/list" } },
                    ["required"] = new JsonArray("next"),
                }),
        },
        ["text"] = String(),
    };

    private JsonObject Any(int depth) => _random.Next(depth > 0 ? 20 : 9) switch
    {
        0 => String(),
        1 => Integer(),
        2 => Number(),
        3 => new JsonObject { ["type"] = "boolean", ["description"] = "yes or no" },
        4 => new JsonObject { ["type"] = "null" },
        5 => Enum(),
        6 => new JsonObject { ["const"] = Constant() },
        7 => String(),
        8 => new JsonObject { ["$ref"] = "#/$defs/" + Pick("tree", "list", "text") },
        9 or 10 => Array(depth - 1),
        11 or 12 => Object(depth - 1),
        13 => new JsonObject { ["anyOf"] = new JsonArray(Any(depth - 1), Any(depth - 1), String()) },
        15 => new JsonObject
        {
            ["allOf"] = new JsonArray(
                new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["minLength"] = 2 }) }, new JsonObject { ["type"] = "string" }),
        },
        16 => new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["a"] = Any(depth - 1), ["b"] = Integer() },
            ["additionalProperties"] = _random.Next(2) == 0,
            ["anyOf"] = new JsonArray(
                new JsonObject { ["required"] = new JsonArray("a") },
                new JsonObject { ["required"] = new JsonArray("b"), ["additionalProperties"] = true }),
        },
        17 => new JsonObject
        {
            ["items"] = new JsonObject(),
            ["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = "array", ["prefixItems"] = new JsonArray(Any(depth - 1)), ["items"] = false },
                new JsonObject { ["type"] = "array", ["items"] = String(), ["maxItems"] = 3 }),
        },
        18 => new JsonObject { ["$ref"] = "#/$defs/tree", ["type"] = "object", ["required"] = new JsonArray("children") },
        14 => new JsonObject { ["type"] = new JsonArray("string", "null", "integer"), ["maxLength"] = 3, ["minimum"] = 7 },
        _ => new JsonObject
        {
            ["oneOf"] = new JsonArray(
                Tagged("cat", depth - 1), Tagged("dog", depth - 1), new JsonObject { ["type"] = "string", ["minLength"] = 2 }),
        },
    };

    private JsonObject Tagged(string kind, int depth) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { ["kind"] = new JsonObject { ["const"] = kind }, ["more"] = Any(depth) },
        ["required"] = new JsonArray("kind"),
    };

    private JsonObject Object(int depth)
    {
        var schema = new JsonObject { ["type"] = "object" };
        var names = Names.OrderBy(_ => _random.Next()).Take(_random.Next(5)).ToArray();
        if (names.Length > 0 || _random.Next(2) == 0)
        {
            schema["properties"] = new JsonObject(names.Select(n => KeyValuePair.Create(n, (JsonNode?)Any(depth))));
            schema["required"] = new JsonArray([.. names.Where(_ => _random.Next(2) == 0).Select(n => (JsonNode)n)]);
        }

        switch (_random.Next(4))
        {
            case 0:
                schema["additionalProperties"] = false;
                break;
            case 1:
                schema["additionalProperties"] = true;
                break;
            case 2:
                schema["additionalProperties"] = Any(Math.Min(depth, 1) - 1);
                break;
        }

        return schema;
    }

    private JsonObject Array(int depth)
    {
        var schema = new JsonObject { ["type"] = "array" };
        var min = _random.Next(3);
        if (_random.Next(4) == 0)
        {
            schema["prefixItems"] = new JsonArray(Any(depth), Any(depth));
            schema["items"] = _random.Next(2) == 0 ? false : Any(depth);
        }
        else if (_random.Next(5) > 0)
        {
            schema["items"] = Any(depth);
        }

        if (_random.Next(2) == 0)
        {
            schema["minItems"] = min;
        }

        if (_random.Next(2) == 0)
        {
            schema["maxItems"] = min + _random.Next(3);
        }

        schema["uniqueItems"] = false;
        return schema;
    }

    private JsonObject String()
    {
        var schema = new JsonObject { ["type"] = "string" };
        switch (_random.Next(5))
        {
            case 0:
                schema["minLength"] = _random.Next(1, 6);
                break;
            case 1:
                schema["minLength"] = _random.Next(3);
                schema["maxLength"] = _random.Next(3, 40);
                break;
            case 2:
                schema["pattern"] = Pick(Patterns);
                break;
            case 3:
                schema["format"] = Pick("date", "date-time", "uuid", "email", "no-such-format");
                break;
        }

        return schema;
    }

    private JsonObject Integer()
    {
        var schema = new JsonObject { ["type"] = "integer" };
        var low = _random.Next(-300, 1500);
        if (_random.Next(2) == 0)
        {
            schema[Pick("minimum", "exclusiveMinimum")] = low;
        }

        if (_random.Next(2) == 0)
        {
            schema[Pick("maximum", "exclusiveMaximum")] = low + _random.Next(2, 5000);
        }

        return schema;
    }

    private JsonObject Number()
    {
        var schema = new JsonObject { ["type"] = "number" };
        var low = _random.Next(-3000, 3000) / (decimal)Math.Pow(10, _random.Next(4));
        if (_random.Next(2) == 0)
        {
            schema[Pick("minimum", "exclusiveMinimum")] = low;
        }

        if (_random.Next(2) == 0)
        {
            schema[Pick("maximum", "exclusiveMaximum")] = low + (_random.Next(1, 5000) / (decimal)Math.Pow(10, _random.Next(4)));
        }

        return schema;
    }

    private JsonObject Enum() => new() { ["enum"] = new JsonArray([.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => Constant())]) };

    private JsonNode? Constant() => _random.Next(7) switch
    {
        0 => null,
        1 => _random.Next(2) == 0,
        2 => _random.Next(-50, 50),
        3 => _random.Next(1000) / 8m,
        4 => new JsonObject { ["k"] = new JsonArray(1, "two", null) },
        _ => Pick(Names),
    };

    private T Pick<T>(params T[] values) => values[_random.Next(values.Length)];
}
