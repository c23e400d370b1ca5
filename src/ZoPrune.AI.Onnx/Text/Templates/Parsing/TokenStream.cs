using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>The tokens of a template, read from the front.</summary>
internal sealed class TokenStream(List<TemplateToken> tokens, string templateName)
{
    /// <summary>Nested expressions and blocks: deep enough for any template in use, shallow enough for the stack.</summary>
    private const int MaxDepth = 100;

    private int _next;
    private int _depth;

    public TemplateToken Current => tokens[_next];

    public TemplateToken Peek => tokens[Math.Min(_next + 1, tokens.Count - 1)];

    public TemplateToken Take()
    {
        var token = tokens[_next];
        _next = Math.Min(_next + 1, tokens.Count - 1);
        return token;
    }

    public bool IsOperator(string text) => Current.Kind == TemplateTokenKind.Operator && Current.Text == text;

    public bool IsName(string text) => Current.Kind == TemplateTokenKind.Name && Current.Text == text;

    public bool TakeOperator(string text) => TakeIf(IsOperator(text));

    public bool TakeName(string text) => TakeIf(IsName(text));

    public void ExpectOperator(string text)
    {
        if (!TakeOperator(text))
        {
            throw Unexpected($"'{text}'");
        }
    }

    public string ExpectName() => Current.Kind == TemplateTokenKind.Name ? Take().Text : throw Unexpected("a name");

    public void Expect(TemplateTokenKind kind, string description)
    {
        if (!TakeIf(Current.Kind == kind))
        {
            throw Unexpected(description);
        }
    }

    public void Enter()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_depth > MaxDepth)
        {
            throw Error($"the template is nested deeper than {MaxDepth} levels.");
        }
    }

    public void Leave() => _depth--;

    public ChatTemplateException Error(string reason) => Error(reason, Current.Line);

    public ChatTemplateException Error(string reason, int line) => new(templateName, line, reason);

    public ChatTemplateException Unexpected(string expected) => Error(Current.Kind switch
    {
        TemplateTokenKind.End => $"the template ends where {expected} was expected.",
        TemplateTokenKind.BlockEnd or TemplateTokenKind.PrintEnd => $"the tag ends where {expected} was expected.",
        _ => $"'{Current.Text}' stands where {expected} was expected.",
    });

    private bool TakeIf(bool condition)
    {
        if (condition)
        {
            Take();
        }

        return condition;
    }
}
