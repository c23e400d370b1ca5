using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>Turns a JSON schema into a grammar. What satisfies the grammar satisfies the schema.</summary>
/// <remarks>
/// A schema is read once for each depth at which it stands, so the grammar has no recursion; beyond the deepest level there is nothing, and
/// optional parts that would lead there are left out.
/// </remarks>
internal sealed class SchemaReader
{
    /// <summary>The most objects and arrays in one another.</summary>
    public const int MostDepth = 32;

    /// <summary>The most objects and arrays in one another where a schema leaves a value open.</summary>
    public const int MostOpenDepth = 8;

    /// <summary>The most properties of an object, items of <c>prefixItems</c> and alternatives.</summary>
    public const int MostParts = 1000;

    private const int MostNameLength = 1000;

    // How many schemas may lead to one another, and what reading may cost: a schema read anew, one known already, a character copied.
    private const int MostNesting = 400;
    private const long MostWork = 10_000_000;
    private const int WorkOfSchema = 1000;
    private const int WorkOfLook = 20;

    // One node each: a node that comes again costs a grammar nothing.
    private static readonly GrammarNode AnyString = JsonText.String(0, null);
    private static readonly GrammarNode AnyNumber = GrammarNode.Rule(NumberRange.Numbers(null, false, null, false)!);

    private readonly SchemaPlace _root;
    private readonly Dictionary<(string Pointer, int Depth), GrammarNode?> _read = [];
    private readonly Dictionary<string, SchemaPlace> _merged = new(StringComparer.Ordinal);
    private readonly Dictionary<int, GrammarNode> _any = [];
    private readonly GrammarNode _key = OpenKeys.Except([]);

    private SchemaReader(JsonElement root)
    {
        _root = new SchemaPlace(root, "#");
    }

    private bool HasOpenKeys { get; set; }

    private int Nesting { get; set; }

    private long Work { get; set; }

    /// <summary>Any object.</summary>
    public static TextGrammar AnyObject()
    {
        var reader = new SchemaReader(default);
        return new TextGrammar(reader.OpenObject(MostOpenDepth), hasOpenKeys: true);
    }

    /// <exception cref="NotSupportedException">The schema asks for what cannot be constrained.</exception>
    /// <exception cref="ArgumentException">The schema is malformed.</exception>
    public static TextGrammar Read(JsonElement schema)
    {
        // The caller's document may be disposed of; errors of a lazy reading would come too late anyway.
        var reader = new SchemaReader(SchemaText.Copy(schema));
        var node = reader.Read(reader._root, 0);
        return new TextGrammar(node, reader.HasOpenKeys);
    }

    private GrammarNode Read(SchemaPlace place, int depth)
    {
        Spend(WorkOfLook, place);
        if (_read.TryGetValue((place.Pointer, depth), out var known))
        {
            return known ?? throw new NotSupportedException(
                $"The JSON schema at {place.Pointer} refers to itself without an object or array in between.");
        }

        if (Nesting >= MostNesting || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new NotSupportedException(
                $"The JSON schema at {Short(place.Pointer)} is not supported: too many schemas lead to one another ($ref, anyOf, …).");
        }

        Spend(WorkOfSchema, place);
        _read[(place.Pointer, depth)] = null;
        Nesting++;
        var node = place.Schema.ValueKind switch
        {
            JsonValueKind.True => Any(Math.Min(MostOpenDepth, MostDepth - depth)),
            JsonValueKind.False => throw new NotSupportedException($"The JSON schema at {place.Pointer} is false: it allows no value."),
            JsonValueKind.Object => ReadObject(place, depth),
            _ => throw new ArgumentException($"The JSON schema at {place.Pointer} is neither an object nor a boolean."),
        };
        Nesting--;
        _read[(place.Pointer, depth)] = node;
        return node;
    }

    /// <summary>Keeps a schema from taking more time and memory than any sensible one does.</summary>
    private void Spend(long work, SchemaPlace place)
    {
        Work += work;
        if (Work > MostWork)
        {
            throw new NotSupportedException(
                $"The JSON schema is too large: its parts and what they refer to have not come to an end at {Short(place.Pointer)}.");
        }
    }

    /// <summary>Two schemas as one. Equal ones get one place, so that what comes again is known again.</summary>
    private SchemaPlace Merge(SchemaPlace outer, string keyword, SchemaPlace inner, bool keepsKeyword = false)
    {
        var merged = SchemaMerge.Merge(outer, keyword, inner, keepsKeyword);
        if (merged.Pointer == inner.Pointer)
        {
            return merged;
        }

        var text = merged.Schema.GetRawText();
        Spend(text.Length + merged.Pointer.Length, outer);
        if (!_merged.TryGetValue(text, out var known))
        {
            _merged[text] = known = merged;
        }

        return known;
    }

    private static string Short(string pointer) => pointer.Length <= 200 ? pointer : pointer[..200] + "…";

    private GrammarNode ReadObject(SchemaPlace place, int depth)
    {
        foreach (var property in place.Schema.EnumerateObject())
        {
            var name = property.Name;
            if (!SchemaKeywords.ByType.ContainsKey(name) && !SchemaKeywords.General.Contains(name) && !SchemaKeywords.IsAnnotation(name))
            {
                throw place.Refusal(name, "it is not among the keywords that generation can be held to.");
            }
        }

        if (place.Schema.TryGetProperty("$ref", out var reference))
        {
            return Read(Merge(place, "$ref", Resolve(place, reference)), depth);
        }

        if (place.Schema.TryGetProperty("allOf", out _))
        {
            return Read(AllOf(place), depth);
        }

        foreach (var keyword in new[] { "anyOf", "oneOf" })
        {
            if (place.Schema.TryGetProperty(keyword, out _))
            {
                return Alternatives(place, keyword, depth);
            }
        }

        if (place.Schema.TryGetProperty("const", out var value))
        {
            return Values(place, "const", [value]);
        }

        return place.Schema.TryGetProperty("enum", out var values)
            ? Values(place, "enum", values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0
                ? values.EnumerateArray()
                : throw place.Malformed("enum", "a list that is not empty"))
            : OfTypes(place, TypesOf(place), depth);
    }

    private SchemaPlace Resolve(SchemaPlace place, JsonElement reference)
    {
        var text = reference.ValueKind == JsonValueKind.String ? reference.GetString()! : throw place.Malformed("$ref", "a string");
        if (text is not "#" && !text.StartsWith("#/", StringComparison.Ordinal))
        {
            throw place.Refusal("$ref", $"'{text}' is no JSON pointer into the same schema.");
        }

        var target = _root.Schema;
        foreach (var part in text.Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(part)
                .Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            var isFound = target.ValueKind switch
            {
                JsonValueKind.Object => target.TryGetProperty(name, out target),
                JsonValueKind.Array when int.TryParse(name, out var index) && index >= 0 && index < target.GetArrayLength() =>
                    (target = target[index]).ValueKind != JsonValueKind.Undefined,
                _ => false,
            };
            if (!isFound)
            {
                throw new ArgumentException(
                    $"The JSON schema is malformed: '$ref' at {place.Child("$ref")} leads to '{text}', where nothing is.");
            }
        }

        return new SchemaPlace(target, text);
    }

    private SchemaPlace AllOf(SchemaPlace place)
    {
        var count = ListLength(place, "allOf");
        var merged = place;
        for (var i = 0; i < count && merged.Schema.ValueKind is JsonValueKind.Object or JsonValueKind.True; i++)
        {
            // Behind the first step an 'allOf' is one that a part brought with it.
            var part = place.At("allOf", i);
            merged = merged.Schema.ValueKind == JsonValueKind.True ? part : Merge(merged, "allOf", part, keepsKeyword: i > 0);
        }

        return merged;
    }

    private GrammarNode Alternatives(SchemaPlace place, string keyword, int depth)
    {
        var count = ListLength(place, keyword);
        for (var i = 0; keyword == "oneOf" && i < count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                Spend(WorkOfLook, place);
                if (!SchemaDisjointness.AreDisjoint(Target(place.At(keyword, j)), Target(place.At(keyword, i))))
                {
                    throw place.Refusal(
                        keyword, $"alternatives {j} and {i} are not plainly disjoint (by type, by values, or by a required property of "
                        + "different values). Use anyOf if one value may satisfy both.");
                }
            }
        }

        var options = new List<GrammarNode>();
        for (var i = 0; i < count; i++)
        {
            var option = Merge(place, keyword, place.At(keyword, i));
            if (option.Schema.ValueKind != JsonValueKind.False)
            {
                options.Add(Read(option, depth));
            }
        }

        return options.Count > 0 ? GrammarNode.AnyOf(options) : throw place.Refusal(keyword, "all its alternatives are false.");
    }

    private SchemaPlace Target(SchemaPlace place)
    {
        for (var hops = 0; hops < MostDepth; hops++)
        {
            if (place.Schema.ValueKind != JsonValueKind.Object || !place.Schema.TryGetProperty("$ref", out var reference))
            {
                break;
            }

            place = Resolve(place, reference);
        }

        return place;
    }

    private GrammarNode Values(SchemaPlace place, string keyword, IEnumerable<JsonElement> values)
    {
        var types = SchemaTypes.Named(place) ?? JsonTypes.All;
        foreach (var property in place.Schema.EnumerateObject())
        {
            if (property.Name != keyword && property.Name != "type" && !SchemaKeywords.IsAnnotation(property.Name))
            {
                throw place.Refusal(property.Name, $"it stands beside '{keyword}'. Leave out the values that it excludes instead.");
            }
        }

        var allowed = values.Where(value => (types & SchemaTypes.Of(value)) != 0).Select(JsonLiteral.Of).ToArray();
        Spend(allowed.Sum(text => (long)text.Length + WorkOfLook), place);
        try
        {
            return allowed.Length > 0
                ? GrammarNode.Rule(ConstantTexts.OneOf(allowed))
                : throw place.Refusal(keyword, "none of its values is of the types that 'type' allows.");
        }
        catch (NotSupportedException e) when (allowed.Length > 0)
        {
            throw place.Refusal(keyword, e.Message);
        }
    }

    private static JsonTypes TypesOf(SchemaPlace place)
    {
        if (SchemaTypes.Named(place) is { } named)
        {
            return named;
        }

        // Of the values that a schema without a type allows, those that its keywords are about.
        var hinted = place.Schema.EnumerateObject()
            .Aggregate(JsonTypes.None, (types, p) => types | SchemaKeywords.ByType.GetValueOrDefault(p.Name));
        return hinted == JsonTypes.None ? JsonTypes.All : hinted;
    }

    private GrammarNode OfTypes(SchemaPlace place, JsonTypes types, int depth)
    {
        var isOpen = types == JsonTypes.All && !place.Schema.EnumerateObject().Any(p => SchemaKeywords.ByType.ContainsKey(p.Name));
        if (isOpen)
        {
            return Any(Math.Min(MostOpenDepth, MostDepth - depth));
        }

        var options = new List<GrammarNode>();
        if (types.HasFlag(JsonTypes.Object))
        {
            options.Add(Object(place, depth));
        }

        if (types.HasFlag(JsonTypes.Array))
        {
            options.Add(Array(place, depth));
        }

        if (types.HasFlag(JsonTypes.String))
        {
            options.Add(String(place));
        }

        if ((types & (JsonTypes.Integer | JsonTypes.Number)) != 0)
        {
            options.Add(Number(place, isInteger: !types.HasFlag(JsonTypes.Number)));
        }

        if (types.HasFlag(JsonTypes.Boolean))
        {
            options.Add(JsonText.Boolean);
        }

        if (types.HasFlag(JsonTypes.Null))
        {
            options.Add(JsonText.Null);
        }

        return options.Count == 1 ? options[0] : GrammarNode.AnyOf(options);
    }

    private GrammarNode Object(SchemaPlace place, int depth)
    {
        if (depth >= MostDepth)
        {
            return GrammarNode.AnyOf();
        }

        var names = new List<(string Name, SchemaPlace? Place)>();
        if (place.Schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.ValueKind == JsonValueKind.Object
                ? properties.EnumerateObject()
                : throw place.Malformed("properties", "an object"))
            {
                names.Add((property.Name, new SchemaPlace(property.Value, place.Child("properties", property.Name))));
            }
        }

        var additional = place.Schema.TryGetProperty("additionalProperties", out _) ? place.At("additionalProperties") : (SchemaPlace?)null;
        var isClosed = additional is { Schema.ValueKind: JsonValueKind.False };
        var isFree = additional is null or { Schema.ValueKind: JsonValueKind.True };
        var required = SchemaTypes.Required(place);
        foreach (var name in required.Except(names.Select(n => n.Name)).ToArray())
        {
            // A key that only 'required' names has the schema of all others.
            names.Add(isClosed
                ? throw place.Refusal("required", $"it names '{name}', which 'properties' lacks and 'additionalProperties' excludes.")
                : (name, isFree ? null : additional));
        }

        if (names.Count > MostParts)
        {
            throw place.Refusal("properties", $"it and 'required' name more than {MostParts} properties.");
        }

        if (names.Exists(n => n.Name.Length > MostNameLength))
        {
            throw place.Refusal("properties", $"it or 'required' has a name of more than {MostNameLength} characters.");
        }

        if (names.Count == 0 && isFree)
        {
            return OpenObject(Math.Min(MostOpenDepth, MostDepth - depth));
        }

        GrammarNode? others = null;
        if (!isClosed && !isFree)
        {
            HasOpenKeys = true;
            var key = names.Count == 0 ? _key : OpenKeys.Except(names.Select(n => n.Name));
            others = GrammarNode.Sequence(key, JsonText.Colon, Read(additional!.Value, depth + 1));
        }

        var close = GrammarNode.Literal("}");
        var (first, next) = others is null
            ? (close, close)
            : (GrammarNode.Sequence(List(others, 0, null), close),
                GrammarNode.Sequence(GrammarNode.Repeat(GrammarNode.Sequence(JsonText.Comma, others), 0, null), close));
        for (var i = names.Count - 1; i >= 0; i--)
        {
            var (name, schema) = names[i];
            if (schema is { Schema.ValueKind: JsonValueKind.False } && !required.Contains(name))
            {
                continue;
            }

            var value = schema is { } given ? Read(given, depth + 1) : Any(Math.Min(MostOpenDepth, MostDepth - depth - 1));
            var member = GrammarNode.Sequence(GrammarNode.Literal(JsonLiteral.Quote(name)), JsonText.Colon, value, next);
            var (asFirst, asNext) = (member, GrammarNode.Sequence(JsonText.Comma, member));
            (first, next) = required.Contains(name)
                ? (asFirst, asNext)
                : (GrammarNode.AnyOf(asFirst, first), GrammarNode.AnyOf(asNext, next));
        }

        return GrammarNode.Rule(GrammarNode.Sequence(GrammarNode.Literal("{"), first));
    }

    private GrammarNode Array(SchemaPlace place, int depth)
    {
        if (depth >= MostDepth)
        {
            return GrammarNode.AnyOf();
        }

        if (place.Schema.TryGetProperty("uniqueItems", out var unique) && unique.ValueKind != JsonValueKind.False)
        {
            throw place.Refusal("uniqueItems", "that values differ cannot be told by a grammar.");
        }

        var min = Count(place, "minItems") ?? 0;
        var max = Count(place, "maxItems");
        if (max < min)
        {
            throw place.Refusal("maxItems", "it is less than 'minItems'.");
        }

        var prefix = place.Schema.TryGetProperty("prefixItems", out _) ? ListLength(place, "prefixItems") : 0;
        GrammarNode? item = null;
        if (place.Schema.TryGetProperty("items", out var items))
        {
            if (items.ValueKind == JsonValueKind.Array)
            {
                throw place.Refusal("items", "a list of schemas belongs into 'prefixItems'.");
            }

            item = items.ValueKind == JsonValueKind.False ? null : Read(place.At("items"), depth + 1);
        }
        else if (prefix == 0)
        {
            item = Any(Math.Min(MostOpenDepth, MostDepth - depth - 1));
        }

        if (item is null && min > prefix)
        {
            throw place.Refusal("minItems", $"there are no items behind the first {prefix}.");
        }

        var rest = item is null || max <= prefix ? GrammarNode.Nothing : prefix == 0
            ? List(item, min, max)
            : GrammarNode.Repeat(GrammarNode.Sequence(JsonText.Comma, item), Math.Max(0, min - prefix), max - prefix);
        for (var i = Math.Min(prefix, max ?? prefix) - 1; i >= 0; i--)
        {
            var value = Read(place.At("prefixItems", i), depth + 1);
            rest = i == 0 ? GrammarNode.Sequence(value, rest) : GrammarNode.Sequence(JsonText.Comma, value, rest);
            rest = i < min ? rest : GrammarNode.Optional(rest);
        }

        return GrammarNode.Rule(GrammarNode.Sequence(GrammarNode.Literal("["), rest, GrammarNode.Literal("]")));
    }

    private static GrammarNode List(GrammarNode item, int min, int? max)
    {
        if (max == 0)
        {
            return GrammarNode.Nothing;
        }

        var more = GrammarNode.Repeat(GrammarNode.Sequence(JsonText.Comma, item), Math.Max(0, min - 1), max - 1);
        var list = GrammarNode.Sequence(item, more);
        return min > 0 ? list : GrammarNode.Optional(list);
    }

    private static GrammarNode String(SchemaPlace place)
    {
        var min = Count(place, "minLength") ?? 0;
        var max = Count(place, "maxLength");
        if (max < min)
        {
            throw place.Refusal("maxLength", "it is less than 'minLength'.");
        }

        var hasLength = min > 0 || max is not null;
        if (place.Schema.TryGetProperty("pattern", out var pattern))
        {
            var part = Pattern(place, pattern);
            return (part.Min >= min && (max is null || part.Max <= max)) || !hasLength
                ? Quoted(part)
                : throw place.Refusal("pattern", "there are 'minLength' or 'maxLength' beside it that it does not imply.");
        }

        if (place.Schema.TryGetProperty("format", out var format)
            && format.ValueKind == JsonValueKind.String
            && StringFormats.PatternOf(format.GetString()!) is { } expression)
        {
            // Beside limits that it does not imply, a format is the note that it always is for the standard.
            var part = PatternReader.Read(expression);
            if (part.Min >= min && (max is null || part.Max <= max))
            {
                return Quoted(part);
            }
        }

        return JsonText.String(min, max);

        static GrammarNode Quoted(PatternPart part) => GrammarNode.Rule(GrammarNode.Sequence(JsonText.Quote, part.Node, JsonText.Quote));
    }

    private static PatternPart Pattern(SchemaPlace place, JsonElement pattern)
    {
        try
        {
            return PatternReader.Read(
                pattern.ValueKind == JsonValueKind.String ? pattern.GetString()! : throw place.Malformed("pattern", "a string"));
        }
        catch (NotSupportedException e)
        {
            throw place.Refusal("pattern", $"it uses {e.Message}.");
        }
    }

    private static GrammarNode Number(SchemaPlace place, bool isInteger)
    {
        if (place.Schema.TryGetProperty("multipleOf", out var step))
        {
            // Multiples of one are the integers.
            isInteger |= step.ValueKind == JsonValueKind.Number && step.TryGetDecimal(out var value) && value == 1
                ? true
                : throw place.Refusal("multipleOf", "only 1 is.");
        }

        var (least, isLeastOut) = Bound(place, "minimum", "exclusiveMinimum", Math.Max);
        var (most, isMostOut) = Bound(place, "maximum", "exclusiveMaximum", Math.Min);
        GrammarNode? node;
        if (isInteger)
        {
            node = NumberRange.Integers(
                isLeastOut && least is { } low && low == Math.Ceiling(low) ? low + 1 : least,
                isMostOut && most is { } high && high == Math.Floor(high) ? high - 1 : most);
        }
        else
        {
            node = NumberRange.Numbers(least, isLeastOut, most, isMostOut);
        }

        return node is not null
            ? GrammarNode.Rule(node)
            : throw new NotSupportedException(
                $"The JSON schema at {place.Pointer} leaves no number of at most 15 digits before the point (minimum, maximum).");
    }

    private static (decimal? Value, bool IsOut) Bound(
        SchemaPlace place, string keyword, string exclusiveKeyword, Func<decimal, decimal, decimal> stricter)
    {
        var (value, exclusive) = (Value(keyword), Value(exclusiveKeyword));
        return value is { } x && exclusive is { } y
            ? (stricter(x, y), stricter(x, y) == y)
            : (value ?? exclusive, exclusive is not null);

        decimal? Value(string name)
        {
            if (!place.Schema.TryGetProperty(name, out var bound))
            {
                return null;
            }

            if (bound.ValueKind != JsonValueKind.Number)
            {
                throw place.Malformed(name, "a number");
            }

            if (!bound.TryGetDecimal(out var number))
            {
                return bound.GetRawText()[0] == '-' ? decimal.MinValue : decimal.MaxValue;
            }

            return IsExact(bound.GetRawText()) ? number : throw place.Refusal(name, "it has more than 28 digits or decimal places.");
        }
    }

    /// <summary>Whether a number that is not too large is a decimal without rounding.</summary>
    private static bool IsExact(string number)
    {
        var parts = number.Split('e', 'E');
        var mantissa = parts[0].TrimStart('-');
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var decimals = point < 0 ? 0 : mantissa.Length - point - 1;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var ended = digits.TrimEnd('0');
        if (ended.Length == 0)
        {
            return true;
        }

        return ended.Length <= 28
            && (parts.Length == 1 || int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            && decimals - (digits.Length - ended.Length)
                - (parts.Length == 1 ? 0L : int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)) <= 28;
    }

    private GrammarNode OpenObject(int depth)
    {
        HasOpenKeys = true;
        if (depth <= 0)
        {
            return GrammarNode.Literal("{}");
        }

        var member = GrammarNode.Sequence(_key, JsonText.Colon, Any(depth - 1));
        return GrammarNode.Rule(GrammarNode.Sequence(GrammarNode.Literal("{"), List(member, 0, null), GrammarNode.Literal("}")));
    }

    /// <summary>Any value, with so many objects and arrays in one another at most.</summary>
    private GrammarNode Any(int depth)
    {
        if (!_any.TryGetValue(depth, out var node))
        {
            var options = new List<GrammarNode>
            {
                AnyString, AnyNumber, JsonText.Boolean, JsonText.Null,
            };
            if (depth > 0)
            {
                options.Add(OpenObject(depth));
                options.Add(GrammarNode.Rule(GrammarNode.Sequence(
                    GrammarNode.Literal("["), List(Any(depth - 1), 0, null), GrammarNode.Literal("]"))));
            }

            _any[depth] = node = GrammarNode.AnyOf(options);
        }

        return node;
    }

    private static int ListLength(SchemaPlace place, string keyword)
    {
        var list = place.Schema.GetProperty(keyword);
        var count = list.ValueKind == JsonValueKind.Array ? list.GetArrayLength() : 0;
        return count == 0 ? throw place.Malformed(keyword, "a list that is not empty")
            : count > MostParts ? throw place.Refusal(keyword, $"it has more than {MostParts} schemas.")
            : count;
    }

    private static int? Count(SchemaPlace place, string keyword)
    {
        if (!place.Schema.TryGetProperty(keyword, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var count) && count >= 0 && count == Math.Floor(count)
            ? (int)Math.Min(count, int.MaxValue - 1)
            : throw place.Malformed(keyword, "a whole number, not negative");
    }
}
