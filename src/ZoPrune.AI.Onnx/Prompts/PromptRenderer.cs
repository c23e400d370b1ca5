using ZoPrune.AI.Onnx.Families;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Onnx.Prompts;

/// <summary>Renders the chat template with contents in a form that it takes: templates do not say which.</summary>
internal sealed class PromptRenderer
{
    private const string Question = "zoprune";

    private readonly ChatTemplate _template;
    private readonly TextTokenizer _tokenizer;
    private readonly TimeProvider _time;
    private readonly Func<int, string> _marker;
    private readonly ContentForm _withImages;
    private readonly ContentForm _withoutImages;
    private readonly Lazy<ChatTemplateFeatures> _features;
    private readonly Lazy<ToolTurnForm?> _toolTurns;

    public PromptRenderer(ModelFamily family, ModelFolder folder, ChatTemplate template, TextTokenizer tokenizer, TimeProvider time)
    {
        _template = template;
        _tokenizer = tokenizer;
        _time = time;
        _marker = family.StringMarker ?? (_ => family.Marker);

        // GenAI hands strings over where there are no images, Hugging Face's processors lists.
        ContentForm[] order = folder.Layout == ModelFolderLayout.GenAI ? [ContentForm.Auto, ContentForm.List] : [ContentForm.List, ContentForm.Auto];
        _withoutImages = order.FirstOrDefault(form => Takes(form, hasImage: false), order[0]);
        _withImages = family.StringMarker is not null
            ? ContentForm.String
            : Candidates(folder, order).FirstOrDefault(form => Takes(form, hasImage: true), order[0]);
        _features = new Lazy<ChatTemplateFeatures>(() => template.FindFeatures(Variables(_withoutImages)));
        _toolTurns = new Lazy<ToolTurnForm?>(
            () => new ToolTurnProbe(template, Variables(_withImages == ContentForm.String ? _withImages : _withoutImages)).Find());
    }

    /// <summary>How a content with images is handed over.</summary>
    public ContentForm FormWithImages => _withImages;

    /// <summary>What errors call the template.</summary>
    public string Name => _template.Name;

    /// <summary>Whether the template writes the tools that it is given.</summary>
    public bool WritesTools => (_features.Value & (ChatTemplateFeatures.Tools | ChatTemplateFeatures.ToolsInSystemTurn)) != 0;

    /// <summary>Whether it takes them with a system turn only.</summary>
    private bool TakesToolsInSystemTurn => !_features.Value.HasFlag(ChatTemplateFeatures.Tools) && WritesTools;

    /// <summary>
    /// The prompts to try one after the other until the template takes one: with calls and results as it writes them (as text where it does
    /// not); the same with neighbours of one role merged, because many templates demand that roles alternate; then both with calls and
    /// results as text.
    /// </summary>
    public IEnumerable<ChatPrompt> Arrangements(ChatPrompt prompt)
    {
        var arranged = Arrange(prompt);
        var plain = arranged.Turns.Any(PlainToolTurns.IsAboutTools) ? Arrange(prompt.WithoutToolTurns()) : null;
        foreach (var candidate in plain is null ? [arranged] : new[] { arranged, plain })
        {
            yield return candidate;
            var merged = candidate.WithMergedTurns();
            if (merged.Turns.Count < candidate.Turns.Count)
            {
                yield return merged;
            }
        }
    }

    /// <summary>Renders a conversation that is arranged, the header of the answer included.</summary>
    public IReadOnlyList<PromptSegment> Render(ChatPrompt arranged) =>
        Render(arranged, arranged.Turns.Any(t => t.Parts.Any(p => p is ImagePart)) ? _withImages : _withoutImages);

    private ChatPrompt Arrange(ChatPrompt prompt)
    {
        if (prompt.Turns.Any(PlainToolTurns.IsAboutTools))
        {
            prompt = _toolTurns.Value is { } form
                ? new ChatPrompt(new ToolTurnArranger(form).Arrange(prompt.Turns)) { Tools = prompt.Tools }
                : prompt.WithoutToolTurns();
        }

        return prompt.Tools.Count > 0 && TakesToolsInSystemTurn && prompt.Turns.All(turn => turn.Role != "system")
            ? new ChatPrompt([new ChatTurn("system", [new TextPart("")]), .. prompt.Turns]) { Tools = prompt.Tools }
            : prompt;
    }

    /// <summary>Templates of FastVLM and its like know strings only; GenAI's families that do are known to.</summary>
    private static IEnumerable<ContentForm> Candidates(ModelFolder folder, ContentForm[] order) =>
        folder.Layout == ModelFolderLayout.GenAI ? order : order.Append(ContentForm.String);

    private IReadOnlyList<PromptSegment> Render(ChatPrompt prompt, ContentForm form)
    {
        var variables = Variables(form);
        if (prompt.Tools.Count > 0)
        {
            variables = variables with { Tools = ToolVariables.Of(prompt.Tools), ToolsInSystemTurn = TakesToolsInSystemTurn };
        }

        if (prompt.Turns.Any(PlainToolTurns.IsAboutTools))
        {
            variables = variables with { ToolTurns = _toolTurns.Value };
        }

        return _template.Render(prompt, variables);
    }

    private ChatTemplateVariables Variables(ContentForm form) => new()
    {
        AddGenerationPrompt = true,
        BosToken = _tokenizer.BosToken,
        EosToken = _tokenizer.EosToken,
        Now = _time.GetLocalNow(),
        ContentForm = form,
        ImageMarker = _marker,
    };

    /// <summary>Whether a template shows what a user said when it is handed over in a form, and nothing of Python's lists.</summary>
    private bool Takes(ContentForm form, bool hasImage)
    {
        ChatPart[] parts = hasImage ? [new ImagePart(0), new TextPart(Question)] : [new TextPart(Question)];
        try
        {
            var segments = Render(new ChatPrompt([new ChatTurn("user", parts)]), form);
            var text = segments.FirstOrDefault(s => s.Kind == PromptSegmentKind.User && s.Text.Contains(Question, StringComparison.Ordinal)).Text ?? "";
            var written = string.Concat(segments.Select(s => s.Text));
            return text.Length > 0
                && !written.Contains("'" + Question + "'", StringComparison.Ordinal)
                && (!hasImage || form == ContentForm.String || Differs(segments, form));
        }
        catch (Exception e) when (e is ChatTemplateException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Whether the template says anything of an image: compared with the same message without one.</summary>
    private bool Differs(IReadOnlyList<PromptSegment> segments, ContentForm form)
    {
        var without = Render(new ChatPrompt([new ChatTurn("user", [new TextPart(Question)])]), form);
        return string.Concat(segments.Select(s => s.Text)).Length > string.Concat(without.Select(s => s.Text)).Length;
    }
}
