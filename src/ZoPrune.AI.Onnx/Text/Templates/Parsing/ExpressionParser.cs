using System.Globalization;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Parses expressions with Jinja2's precedences.</summary>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    /// <summary>An expression, conditional expressions included.</summary>
    public Expression Parse()
    {
        tokens.Enter();
        var line = tokens.Current.Line;
        var value = ParseOr();
        while (tokens.TakeName("if"))
        {
            var condition = ParseOr();
            var other = tokens.TakeName("else") ? Parse() : null;
            value = new ConditionalExpression(line, condition, value, other);
        }

        tokens.Leave();
        return value;
    }

    /// <summary>An expression, or several with commas between, which make a tuple.</summary>
    public Expression ParseTuple(bool withConditional = true)
    {
        var line = tokens.Current.Line;
        var items = new List<Expression> { withConditional ? Parse() : ParseOr() };
        var isTuple = false;
        while (tokens.TakeOperator(","))
        {
            isTuple = true;
            if (EndsTuple())
            {
                break;
            }

            items.Add(withConditional ? Parse() : ParseOr());
        }

        return isTuple ? new ListExpression(line, items, isTuple: true) : items[0];
    }

    /// <summary>Filters behind a block's name: <c>name(arguments) | name …</c>.</summary>
    public FilterChain ParseFilterChain()
    {
        var filters = new List<(string, ArgumentList)>();
        do
        {
            var name = ParseDottedName();
            filters.Add((name, ParseOptionalArguments()));
        }
        while (tokens.TakeOperator("|"));

        return new FilterChain(filters);
    }

    private bool EndsTuple() =>
        tokens.Current.Kind is TemplateTokenKind.PrintEnd or TemplateTokenKind.BlockEnd
        || tokens.IsOperator(")") || tokens.IsOperator("]") || tokens.IsOperator("=");

    private Expression ParseOr() => ParseLogical("or", ParseAnd);

    private Expression ParseAnd() => ParseLogical("and", ParseNot);

    private Expression ParseLogical(string word, Func<Expression> parseOperand)
    {
        var line = tokens.Current.Line;
        var first = parseOperand();
        if (!tokens.IsName(word))
        {
            return first;
        }

        var operands = new List<Expression> { first };
        while (tokens.TakeName(word))
        {
            operands.Add(parseOperand());
        }

        return new LogicalExpression(line, word == "and", operands);
    }

    private Expression ParseNot()
    {
        var line = tokens.Current.Line;
        if (!tokens.TakeName("not"))
        {
            return ParseComparison();
        }

        tokens.Enter();
        var operand = ParseNot();
        tokens.Leave();
        return new NotExpression(line, operand);
    }

    private Expression ParseComparison()
    {
        var line = tokens.Current.Line;
        var first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (TakeComparison() is { } operation)
        {
            rest.Add((operation, ParseSum()));
        }

        return rest.Count == 0 ? first : new ComparisonExpression(line, first, rest);
    }

    private string? TakeComparison()
    {
        if (tokens.TakeName("in"))
        {
            return "in";
        }

        if (tokens.IsName("not") && tokens.Peek is { Kind: TemplateTokenKind.Name, Text: "in" })
        {
            tokens.Take();
            tokens.Take();
            return "not in";
        }

        return tokens.Current.Kind == TemplateTokenKind.Operator && Comparisons.Contains(tokens.Current.Text) ? tokens.Take().Text : null;
    }

    private Expression ParseSum() => ParseArithmetic(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation()
    {
        var line = tokens.Current.Line;
        var first = ParseProduct();
        if (!tokens.IsOperator("~"))
        {
            return first;
        }

        var operands = new List<Expression> { first };
        while (tokens.TakeOperator("~"))
        {
            operands.Add(ParseProduct());
        }

        return new ConcatenationExpression(line, operands);
    }

    private Expression ParseProduct() => ParseArithmetic(ParsePower, "*", "/", "//", "%");

    private Expression ParsePower() => ParseArithmetic(() => ParseUnary(withFilters: true), "**");

    private Expression ParseArithmetic(Func<Expression> parseOperand, params string[] operators)
    {
        var line = tokens.Current.Line;
        var first = parseOperand();
        var rest = new List<(string, Expression)>();
        while (tokens.Current.Kind == TemplateTokenKind.Operator && operators.Contains(tokens.Current.Text))
        {
            rest.Add((tokens.Take().Text, parseOperand()));
        }

        return rest.Count == 0 ? first : new ArithmeticExpression(line, first, rest);
    }

    private Expression ParseUnary(bool withFilters)
    {
        tokens.Enter();
        var line = tokens.Current.Line;
        Expression value;
        if (tokens.TakeOperator("-"))
        {
            value = new NegateExpression(line, ParseUnary(withFilters: false));
        }
        else if (tokens.TakeOperator("+"))
        {
            var zero = new LiteralExpression(line, new IntegerValue(0));
            value = new ArithmeticExpression(line, zero, [("+", ParseUnary(withFilters: false))]);
        }
        else
        {
            value = ParsePrimary();
        }

        value = ParsePostfix(value);
        value = withFilters ? ParseFilters(value) : value;
        tokens.Leave();
        return value;
    }

    private Expression ParsePrimary()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case TemplateTokenKind.Name:
                tokens.Take();
                return token.Text switch
                {
                    "true" or "True" => new LiteralExpression(token.Line, BooleanValue.True),
                    "false" or "False" => new LiteralExpression(token.Line, BooleanValue.False),
                    "none" or "None" => new LiteralExpression(token.Line, NoneValue.Instance),
                    _ => new NameExpression(token.Line, token.Text),
                };
            case TemplateTokenKind.Text:
                var parts = new List<string>();
                while (tokens.Current.Kind == TemplateTokenKind.Text)
                {
                    parts.Add(tokens.Take().Text);
                }

                return new LiteralExpression(token.Line, TextValue.Template(string.Concat(parts)));
            case TemplateTokenKind.Integer:
                return new LiteralExpression(token.Line, ParseInteger());
            case TemplateTokenKind.Float:
                tokens.Take();
                var number = double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
                return new LiteralExpression(token.Line, new FloatValue(number));
            case TemplateTokenKind.Operator when token.Text == "(":
                return ParseParentheses();
            case TemplateTokenKind.Operator when token.Text == "[":
                return ParseList();
            case TemplateTokenKind.Operator when token.Text == "{":
                return ParseDictionary();
            default:
                throw tokens.Unexpected("an expression");
        }
    }

    private IntegerValue ParseInteger()
    {
        var text = tokens.Current.Text;
        var radix = text is not ['0', var prefix, _, ..] ? 10 : char.ToLowerInvariant(prefix) switch
        {
            'x' => 16,
            'o' => 8,
            'b' => 2,
            _ => 10,
        };
        try
        {
            var value = radix == 10 ? long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : Convert.ToInt64(text[2..], radix);
            tokens.Take();
            return new IntegerValue(value);
        }
        catch (Exception e) when (e is OverflowException or FormatException or ArgumentException)
        {
            throw tokens.Error($"the number {text} is malformed or beyond 64 bits.");
        }
    }

    private Expression ParseParentheses()
    {
        var line = tokens.Take().Line;
        if (tokens.TakeOperator(")"))
        {
            return new ListExpression(line, [], isTuple: true);
        }

        var value = ParseTuple();
        tokens.ExpectOperator(")");
        return value;
    }

    private ListExpression ParseList()
    {
        var line = tokens.Take().Line;
        var items = new List<Expression>();
        while (!tokens.TakeOperator("]"))
        {
            items.Add(Parse());
            if (!tokens.IsOperator("]"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new ListExpression(line, items, isTuple: false);
    }

    private DictionaryExpression ParseDictionary()
    {
        var line = tokens.Take().Line;
        var entries = new List<(Expression, Expression)>();
        while (!tokens.TakeOperator("}"))
        {
            var key = Parse();
            tokens.ExpectOperator(":");
            entries.Add((key, Parse()));
            if (!tokens.IsOperator("}"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new DictionaryExpression(line, entries);
    }

    private Expression ParsePostfix(Expression value)
    {
        var name = value is NameExpression variable ? variable.Name : "value";
        for (var depth = 0; ; depth++)
        {
            RequireShort(depth);
            var line = tokens.Current.Line;
            if (tokens.TakeOperator("."))
            {
                if (tokens.Current.Kind == TemplateTokenKind.Integer)
                {
                    value = new ItemExpression(line, value, new LiteralExpression(line, ParseInteger()));
                    continue;
                }

                name = tokens.ExpectName();
                value = new AttributeExpression(line, value, name);
            }
            else if (tokens.TakeOperator("["))
            {
                value = ParseSubscript(value, line);
            }
            else if (tokens.IsOperator("("))
            {
                value = new CallExpression(line, value, name, ParseArguments());
            }
            else
            {
                return value;
            }
        }
    }

    private Expression ParseSubscript(Expression owner, int line)
    {
        var from = tokens.IsOperator(":") ? null : Parse();
        if (tokens.TakeOperator("]"))
        {
            return new ItemExpression(line, owner, from ?? throw tokens.Unexpected("an index"));
        }

        tokens.ExpectOperator(":");
        var to = tokens.IsOperator(":") || tokens.IsOperator("]") ? null : Parse();
        var by = tokens.TakeOperator(":") && !tokens.IsOperator("]") ? Parse() : null;
        tokens.ExpectOperator("]");
        return new SliceExpression(line, owner, from, to, by);
    }

    private Expression ParseFilters(Expression value)
    {
        for (var depth = 0; ; depth++)
        {
            RequireShort(depth);
            var line = tokens.Current.Line;
            if (tokens.TakeOperator("|"))
            {
                var name = ParseDottedName();
                value = new FilterExpression(line, value, name, ParseOptionalArguments());
            }
            else if (tokens.TakeName("is"))
            {
                value = ParseTest(value, line);
            }
            else if (tokens.IsOperator("("))
            {
                value = new CallExpression(line, value, "value", ParseArguments());
            }
            else
            {
                return value;
            }
        }
    }

    private Expression ParseTest(Expression value, int line)
    {
        var isNegated = tokens.TakeName("not");
        var name = ParseDottedName();
        var arguments = ArgumentList.None;
        if (tokens.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (StartsTestArgument())
        {
            arguments = new ArgumentList([(null, "", ParsePostfix(ParsePrimary()))]);
        }

        Expression test = new TestExpression(line, value, name, arguments);
        return isNegated ? new NotExpression(line, test) : test;
    }

    private bool StartsTestArgument() => tokens.Current.Kind switch
    {
        TemplateTokenKind.Name => tokens.Current.Text is not ("else" or "or" or "and" or "if" or "is" or "not" or "in"),
        TemplateTokenKind.Text or TemplateTokenKind.Integer or TemplateTokenKind.Float => true,
        _ => tokens.IsOperator("[") || tokens.IsOperator("{"),
    };

    private ArgumentList ParseOptionalArguments() => tokens.IsOperator("(") ? ParseArguments() : ArgumentList.None;

    private ArgumentList ParseArguments()
    {
        tokens.ExpectOperator("(");
        var arguments = new List<(string?, string, Expression)>();
        while (!tokens.TakeOperator(")"))
        {
            if (tokens.IsOperator("*") || tokens.IsOperator("**"))
            {
                arguments.Add((null, tokens.Take().Text, Parse()));
            }
            else if (tokens.Current.Kind == TemplateTokenKind.Name && tokens.Peek is { Kind: TemplateTokenKind.Operator, Text: "=" })
            {
                var name = tokens.Take().Text;
                tokens.Take();
                arguments.Add((name, "", Parse()));
            }
            else
            {
                arguments.Add((null, "", Parse()));
            }

            if (!tokens.IsOperator(")"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new ArgumentList(arguments);
    }

    private string ParseDottedName()
    {
        var name = tokens.ExpectName();
        while (tokens.TakeOperator("."))
        {
            name += "." + tokens.ExpectName();
        }

        return name;
    }

    private void RequireShort(int depth)
    {
        // Each step nests the expression once more.
        if (depth > 100)
        {
            throw tokens.Error("a chain of attributes, calls or filters is longer than 100.");
        }
    }
}
