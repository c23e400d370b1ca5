namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Parses templates.</summary>
internal sealed class TemplateParser
{
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private TemplateParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens);
    }

    public static Statement Parse(string source, string name)
    {
        var tokens = new TokenStream(TemplateLexer.Tokenize(source, name), name);
        try
        {
            return new TemplateParser(tokens).ParseBody([]);
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new ChatTemplateException(name, tokens.Current.Line, "the template is nested too deeply.", e);
        }
    }

    // Statements up to a block whose name is among the ends; that block's beginning and name are left to be read.
    private SequenceStatement ParseBody(params ReadOnlySpan<string> ends)
    {
        _tokens.Enter();
        var first = _tokens.Current.Line;
        var statements = new List<Statement>();
        while (true)
        {
            var (kind, text, line) = _tokens.Current;
            if (kind == TemplateTokenKind.End && ends.IsEmpty)
            {
                break;
            }

            if (kind == TemplateTokenKind.BlockBegin && ends.Contains(_tokens.Peek.Text))
            {
                break;
            }

            if (kind == TemplateTokenKind.Data)
            {
                _tokens.Take();
                statements.Add(new DataStatement(line, text));
            }
            else if (kind == TemplateTokenKind.PrintBegin)
            {
                _tokens.Take();
                statements.Add(new PrintStatement(line, _expressions.ParseTuple()));
                _tokens.Expect(TemplateTokenKind.PrintEnd, "'}}'");
            }
            else if (kind == TemplateTokenKind.BlockBegin)
            {
                _tokens.Take();
                statements.Add(ParseBlock(line));
            }
            else
            {
                throw _tokens.Unexpected($"'{ends[0]}'");
            }
        }

        _tokens.Leave();
        return new SequenceStatement(first, statements);
    }

    private Statement ParseBlock(int line)
    {
        var name = _tokens.ExpectName();
        switch (name)
        {
            case "if":
                return ParseIf(line);
            case "for":
                return ParseFor(line);
            case "set":
                return ParseSet(line);
            case "macro":
                return ParseMacro(line);
            case "call":
                return ParseCall(line);
            case "filter":
                var filters = _expressions.ParseFilterChain();
                return new FilterBlockStatement(line, ParseIsolated("endfilter"), filters);
            case "with":
                return ParseWith(line);
            case "generation":
                // Marks the assistant's words for training; of no meaning when prompting.
                return ParseUpTo("endgeneration");
            case "break" or "continue" when _loops > 0:
                EndBlock();
                return new JumpStatement(line, name == "break" ? Completion.Break : Completion.Continue);
            default:
                throw _tokens.Error($"unknown or misplaced statement '{name}'.", line);
        }
    }

    private void EndBlock() => _tokens.Expect(TemplateTokenKind.BlockEnd, "'%}'");

    // The rest of an opening tag, the body, and the closing tag.
    private SequenceStatement ParseUpTo(string end)
    {
        EndBlock();
        var body = ParseBody(end);
        _tokens.Take();
        _tokens.Take();
        EndBlock();
        return body;
    }

    // A body whose output is captured: a jump must not leave it.
    private SequenceStatement ParseIsolated(string end)
    {
        var loops = _loops;
        _loops = 0;
        var body = ParseUpTo(end);
        _loops = loops;
        return body;
    }

    private IfStatement ParseIf(int line)
    {
        var branches = new List<(Expression, Statement)>();
        Statement? otherwise = null;
        while (true)
        {
            var condition = _expressions.ParseTuple(withConditional: false);
            EndBlock();
            branches.Add((condition, ParseBody("elif", "else", "endif")));
            _tokens.Take();
            var next = _tokens.Take().Text;
            if (next == "elif")
            {
                continue;
            }

            if (next == "else")
            {
                otherwise = ParseUpTo("endif");
            }
            else
            {
                EndBlock();
            }

            return new IfStatement(line, branches, otherwise);
        }
    }

    private ForStatement ParseFor(int line)
    {
        var target = ParseTarget(withAttribute: false);
        if (!_tokens.TakeName("in"))
        {
            throw _tokens.Unexpected("'in'");
        }

        var sequence = _expressions.ParseTuple(withConditional: false);
        var filter = _tokens.TakeName("if") ? _expressions.Parse() : null;
        if (_tokens.IsName("recursive"))
        {
            throw _tokens.Error("recursive loops are not supported.");
        }

        EndBlock();
        _loops++;
        var body = ParseBody("else", "endfor");
        _loops--;
        _tokens.Take();
        Statement? otherwise = null;
        if (_tokens.Take().Text == "else")
        {
            otherwise = ParseUpTo("endfor");
        }
        else
        {
            EndBlock();
        }

        return new ForStatement(line, target, sequence, filter, body, otherwise);
    }

    private Statement ParseSet(int line)
    {
        var target = ParseTarget(withAttribute: true);
        if (_tokens.TakeOperator("="))
        {
            var value = _expressions.ParseTuple();
            EndBlock();
            return new SetStatement(line, target, value);
        }

        var filters = _tokens.TakeOperator("|") ? _expressions.ParseFilterChain() : new FilterChain([]);
        return new SetBlockStatement(line, target, ParseIsolated("endset"), filters);
    }

    private MacroStatement ParseMacro(int line)
    {
        var name = _tokens.ExpectName();
        var parameters = ParseParameters();
        return new MacroStatement(line, name, parameters, ParseIsolated("endmacro"));
    }

    private CallBlockStatement ParseCall(int line)
    {
        IReadOnlyList<MacroParameter> parameters = _tokens.IsOperator("(") ? ParseParameters() : [];
        var call = _expressions.Parse() as CallExpression ?? throw _tokens.Error("'call' needs a call.");
        return new CallBlockStatement(line, call, new MacroStatement(line, "caller", parameters, ParseIsolated("endcall")));
    }

    private ScopedStatement ParseWith(int line)
    {
        var variables = new List<(AssignmentTarget, Expression)>();
        while (_tokens.Current.Kind != TemplateTokenKind.BlockEnd)
        {
            var target = ParseTarget(withAttribute: false, isSingle: true);
            _tokens.ExpectOperator("=");
            variables.Add((target, _expressions.Parse()));
            if (!_tokens.TakeOperator(","))
            {
                break;
            }
        }

        return new ScopedStatement(line, variables, ParseUpTo("endwith"));
    }

    private List<MacroParameter> ParseParameters()
    {
        _tokens.ExpectOperator("(");
        var parameters = new List<MacroParameter>();
        while (!_tokens.TakeOperator(")"))
        {
            var name = _tokens.ExpectName();
            parameters.Add(new MacroParameter(name, _tokens.TakeOperator("=") ? _expressions.Parse() : null));
            if (!_tokens.IsOperator(")"))
            {
                _tokens.ExpectOperator(",");
            }
        }

        return parameters;
    }

    private AssignmentTarget ParseTarget(bool withAttribute, bool isSingle = false)
    {
        var hasParentheses = _tokens.TakeOperator("(");
        var names = new List<string> { _tokens.ExpectName() };
        if (withAttribute && !hasParentheses && _tokens.TakeOperator("."))
        {
            return new AssignmentTarget(names, _tokens.ExpectName(), Unpacks: false);
        }

        var unpacks = false;
        while ((!isSingle || hasParentheses) && _tokens.TakeOperator(","))
        {
            unpacks = true;
            if (_tokens.Current.Kind == TemplateTokenKind.Name && !_tokens.IsName("in"))
            {
                names.Add(_tokens.ExpectName());
            }
        }

        if (hasParentheses)
        {
            _tokens.ExpectOperator(")");
        }

        return new AssignmentTarget(names, null, unpacks);
    }
}
