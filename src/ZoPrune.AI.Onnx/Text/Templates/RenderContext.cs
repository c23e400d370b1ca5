using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>The state of one rendering: variables, output, position, and the limits that a hostile template runs into.</summary>
internal sealed class RenderContext
{
    /// <summary>Nested evaluations. Deep enough for any template in use, shallow enough for the stack of a pool thread.</summary>
    private const int MaxDepth = 400;

    /// <summary>Units of work: one for each evaluation, list element, and 16 characters of text.</summary>
    private const long MaxWork = 5_000_000;

    private const int MaxTextLength = 1 << 26;

    private int _depth;
    private long _work;

    public RenderContext(string templateName, DateTimeOffset now, TokenizerDialect dialect)
    {
        TemplateName = templateName;
        Now = now;
        Dialect = dialect;
        Scope = new Scope(null);
        Output = new TracedTextBuilder(this);
    }

    public string TemplateName { get; }

    public DateTimeOffset Now { get; }

    public TokenizerDialect Dialect { get; }

    /// <summary>The line being rendered.</summary>
    public int Line { get; private set; }

    public Scope Scope { get; set; }

    public TracedTextBuilder Output { get; set; }

    /// <summary>Enters an evaluation and returns the line to go back to.</summary>
    public int Enter(int line)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_depth > MaxDepth)
        {
            throw Error($"evaluation is nested deeper than {MaxDepth} levels.");
        }

        Charge(1);
        var outer = Line;
        Line = line;
        return outer;
    }

    public void Leave(int outerLine)
    {
        _depth--;
        Line = outerLine;
    }

    /// <summary>Counts work, and stops the rendering when it is too much.</summary>
    public void Charge(long work)
    {
        _work += work;
        if (_work > MaxWork)
        {
            throw Error("rendering takes more steps than are allowed.");
        }
    }

    /// <summary>Counts the work of handling <paramref name="added"/> characters, appended to a text of <paramref name="present"/>
    /// ones.</summary>
    public void ChargeText(long added, long present = 0)
    {
        Charge(1 + (added / 16));
        if (added + present > MaxTextLength)
        {
            throw Error($"a text is longer than {MaxTextLength} characters.");
        }
    }

    /// <summary>Counts the work of searching a text, which can be the product of both lengths.</summary>
    public void ChargeSearch(long textLength, long patternLength) => Charge(1 + (textLength / 16) + (textLength * patternLength / 4096));

    public ChatTemplateException Error(string reason) => new(TemplateName, Line, reason);

    /// <summary>Runs statements that write to a text of their own.</summary>
    public TracedText Capture(Statement body)
    {
        var outer = Output;
        Output = new TracedTextBuilder(this);
        body.Execute(this);
        var text = Output.ToText();
        Output = outer;
        return text;
    }
}
