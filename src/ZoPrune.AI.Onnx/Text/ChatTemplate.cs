using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Text.Templates;

namespace ZoPrune.AI.Onnx.Text;

/// <summary>A chat template in the subset of Jinja that such templates use, rendered to segments that keep apart template and user
/// text.</summary>
/// <remarks>
/// Behaves as Jinja2 3.1 does with <c>trim_blocks</c> and <c>lstrip_blocks</c> on, the way Hugging Face renders chat templates; the filters
/// <c>map</c>, <c>select</c> and their like give lists. Each character of a string remembers whether it came from a message; whatever
/// string operations derive from such a character counts as user text. Rendering is bounded in depth, steps and size. Immutable and
/// thread-safe.
/// </remarks>
public sealed class ChatTemplate
{
    private readonly Statement _body;
    private readonly TokenizerDialect _dialect;

    private ChatTemplate(string source, string name, Statement body, TokenizerDialect dialect)
    {
        Source = source;
        Name = name;
        _body = body;
        _dialect = dialect;
    }

    /// <summary>The name of the template, as errors give it.</summary>
    public string Name { get; }

    /// <summary>The template text.</summary>
    internal string Source { get; }

    /// <summary>Parses a template.</summary>
    /// <param name="source">The template text.</param>
    /// <param name="name">What errors call it, usually the file it came from.</param>
    /// <exception cref="ChatTemplateException">The template is malformed or uses a statement that is not supported.</exception>
    public static ChatTemplate Parse(string source, string name) => Parse(source, name, TokenizerDialect.HuggingFace);

    /// <summary>Parses a template.</summary>
    /// <param name="source">The template text.</param>
    /// <param name="name">What errors call it, usually the file it came from.</param>
    /// <param name="dialect">With <see cref="TokenizerDialect.GenAI"/>, <c>+</c> between a string and anything else joins their texts, as
    /// GenAI's template engine does where Jinja2 fails.</param>
    /// <exception cref="ChatTemplateException">The template is malformed or uses a statement that is not supported.</exception>
    public static ChatTemplate Parse(string source, string name, TokenizerDialect dialect)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(name);
        return new ChatTemplate(source, name, TemplateParser.Parse(source, name), dialect);
    }

    /// <summary>Reads the template of a model folder in GenAI's order and dialect.</summary>
    /// <exception cref="TokenizerFormatException">A file is missing or malformed.</exception>
    /// <exception cref="ChatTemplateException">The template is malformed or uses a statement that is not supported.</exception>
    /// <exception cref="NotSupportedException">The folder has no chat template.</exception>
    public static ChatTemplate Load(string folder) => Load(folder, TokenizerDialect.GenAI);

    /// <summary>Reads the template of a model folder.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="dialect">Where to look first. GenAI: <c>chat_template</c> of <c>tokenizer_config.json</c>, else
    /// <c>chat_template.jinja</c>, else <c>chat_template.json</c>. Hugging Face: the two files first.</param>
    /// <exception cref="TokenizerFormatException">A file is missing or malformed.</exception>
    /// <exception cref="ChatTemplateException">The template is malformed or uses a statement that is not supported.</exception>
    /// <exception cref="NotSupportedException">The folder has no chat template.</exception>
    public static ChatTemplate Load(string folder, TokenizerDialect dialect)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var (source, name) = ChatTemplateFile.Find(folder, dialect)
            ?? throw new NotSupportedException($"{folder} has no chat template.");
        return Parse(source, name, dialect);
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="prompt">The conversation.</param>
    /// <param name="variables">What else the template sees.</param>
    /// <returns>Template and user text in turns, never two neighbours of one kind, never empty ones.</returns>
    /// <exception cref="ChatTemplateException">The template refuses the messages, fails, or exceeds a limit.</exception>
    /// <exception cref="NotSupportedException">A turn has an image, contents are strings, and no marker is given.</exception>
    public IReadOnlyList<PromptSegment> Render(ChatPrompt prompt, ChatTemplateVariables variables)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(variables);
        var context = new RenderContext(Name, variables.Now ?? TimeProvider.System.GetLocalNow(), _dialect);
        return Render(context, () => PromptVariables.Define(context, prompt, variables));
    }

    /// <summary>Renders with the given variables only.</summary>
    internal IReadOnlyList<PromptSegment> Render(IReadOnlyDictionary<string, JsonNode?> variables, bool isUser, DateTimeOffset now)
    {
        var context = new RenderContext(Name, now, _dialect);
        return Render(context, () =>
        {
            foreach (var (name, value) in variables)
            {
                context.Scope.Set(name, JsonValues.From(value, isUser, context));
            }
        });
    }

    /// <summary>Finds out what the template can express, by rendering small conversations: one with and without a tool, one with a system
    /// turn, one with and without an image. What the template refuses, or passes over, it cannot express.</summary>
    /// <param name="variables">What the template sees, its BOS and EOS above all.</param>
    /// <exception cref="ArgumentNullException"><paramref name="variables"/> is null.</exception>
    internal ChatTemplateFeatures FindFeatures(ChatTemplateVariables variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        return TemplateProbe.Find(this, variables);
    }

    private List<PromptSegment> Render(RenderContext context, Action define)
    {
        try
        {
            define();
            _body.Execute(context);
            return context.Output.ToText().ToSegments();
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new ChatTemplateException(Name, context.Line, "values are nested too deeply.", e);
        }
    }
}
