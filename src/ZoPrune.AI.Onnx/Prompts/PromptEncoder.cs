using System.Runtime.ExceptionServices;
using ZoPrune.AI.Onnx.Families;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Onnx.Prompts;

/// <summary>Turns a conversation and the selections of its images into ids and positions.</summary>
/// <param name="family">The family.</param>
/// <param name="contents">Renders the chat template with contents in the form that it takes.</param>
/// <param name="toolContents">The same for prompts with tools, for which a folder may have a template of its own; null if that has a fault.</param>
/// <param name="tokenizer">The folder's tokenizer.</param>
/// <param name="positionAxes">Positions a token that the decoder takes; 0 if it takes none.</param>
/// <param name="folder">The folder, for messages.</param>
/// <param name="toolFault">The fault of that template.</param>
internal sealed class PromptEncoder(
    ModelFamily family, PromptRenderer contents, PromptRenderer? toolContents, TextTokenizer tokenizer, int positionAxes, string folder,
    string? toolFault = null)
{
    private readonly bool _isMultiAxis = family.Positions.IsMultiAxis && positionAxes > 1;

    /// <summary>The name of the backend that generates, if it numbers tokens itself: as they stand, whatever was pruned.</summary>
    public string? CountingBackend { get; init; }

    public EncodedPrompt Encode(ChatPrompt prompt, IReadOnlyList<ImageSelection> images, PositionPolicy policy)
    {
        CheckImages(prompt, images);
        var renderer = RendererOf(prompt);
        ChatTemplateException? refusal = null;
        foreach (var arranged in renderer.Arrangements(prompt))
        {
            try
            {
                return Place(renderer.Render(arranged), renderer.Name, images, policy);
            }
            catch (ChatTemplateException e)
            {
                // What the template says of the conversation as it was sent is what the caller can use.
                refusal ??= e;
            }
        }

        ExceptionDispatchInfo.Throw(refusal!);
        throw refusal!;
    }

    public EncodedPrompt EncodeRendered(string rendered, IReadOnlyList<ImageSelection> images, PositionPolicy policy)
    {
        var text = rendered.Length == 0 ? family.EmptyPrompt(images.Count) : rendered;
        return Place(text.Length == 0 ? [] : [PromptSegment.Template(text)], "rendered prompt", images, policy);
    }

    private EncodedPrompt Place(
        IReadOnlyList<PromptSegment> segments, string source, IReadOnlyList<ImageSelection> images, PositionPolicy policy)
    {
        var used = Decide(policy, images);
        var writer = new PromptWriter(source, images, family.PlaceholderOf);
        family.PlaceImages(segments, writer);
        writer.RequireAllRows();
        var encoded = tokenizer.Encode(writer.Segments, family.AddsSpecialTokens(segments));
        var axes = _isMultiAxis ? positionAxes : 1;
        var counter = new PositionCounter(family.Positions, encoded.Ids.Length, axes);
        var visual = new List<int>();
        var at = 0;
        for (var i = 0; i < writer.Runs.Count; i++)
        {
            // Other runs of tokens are text.
            if (writer.Runs[i] is not { } run)
            {
                continue;
            }

            var start = encoded.TokenRunStarts[i];
            counter.Text(encoded.Ids.AsSpan(at, start - at), at);
            var image = images[run.Image];
            var first = image.Kept.IndexFrom(run.FirstRow);
            var count = image.Kept.IndexFrom(run.FirstRow + run.Rows) - first;
            var kept = Enumerable.Range(first, count).Select(k => image.Kept[k] - run.FirstRow);
            if (_isMultiAxis)
            {
                var grid = image.Image.Tokens.Grid ?? throw new ArgumentException(
                    $"The visual tokens of image {run.Image} have no grid, which the positions of this model need.", nameof(images));
                counter.KeptInGrid(start, kept, grid.Rows, grid.Columns);
            }
            else if (used == PositionPolicy.Original)
            {
                counter.KeptInLine(start, kept, run.Rows);
            }
            else
            {
                counter.Dense(start, count);
            }

            at = start + count;
            visual.AddRange(Enumerable.Range(start, count));
        }

        counter.Text(encoded.Ids.AsSpan(at), at);
        return new EncodedPrompt(
            encoded.Ids, counter.Positions, axes, counter.Next, used, images.Sum(i => i.Image.Count), images.Sum(i => i.Kept.Count))
        {
            VisualIndices = visual,
            Masked = counter.Skipped,
        };
    }

    private PromptRenderer RendererOf(ChatPrompt prompt)
    {
        if (prompt.Tools.Count == 0)
        {
            return contents;
        }

        return toolContents is { WritesTools: true } ? toolContents : throw new NotSupportedException(NoTools);
    }

    /// <summary>Whether the model can be told of tools.</summary>
    public bool TakesTools => toolContents is { WritesTools: true };

    /// <summary>Why it cannot.</summary>
    public string NoTools => $"The model folder {folder} cannot call tools: "
        + (toolFault ?? $"its chat template ({Path.GetFileName(toolContents?.Name)}) does not write tools. Take a folder whose template does, or send no tools.");

    /// <summary>Why nobody knows how it calls them.</summary>
    public string UnknownFormat =>
        $"The chat template of the model folder {folder} ({toolContents?.Name}) writes tools, but marks calls in a way that is not known. Set "
        + $"ToolCallFormat: to one of {string.Join(", ", ToolCallFormats.All.Select(format => format.Name))} if the model writes calls so, or to a "
        + "format of your own.";

    /// <summary>Templates write markers in the order of the turns, so that is the order in which images must be numbered.</summary>
    private static void CheckImages(ChatPrompt prompt, IReadOnlyList<ImageSelection> images)
    {
        var numbers = prompt.Turns.SelectMany(t => t.Parts).OfType<ImagePart>().Select(p => p.ImageIndex).ToArray();
        if (!numbers.SequenceEqual(Enumerable.Range(0, images.Count)))
        {
            throw new ArgumentException(
                $"The prompt shows the images [{string.Join(", ", numbers)}]; with {images.Count} selections it must show 0 to {images.Count - 1}, "
                + "each once and in this order.",
                nameof(prompt));
        }
    }

    private PositionPolicy Decide(PositionPolicy policy, IReadOnlyList<ImageSelection> images)
    {
        var isPruned = images.Any(i => i.Kept.Count < i.Image.Count);
        return policy switch
        {
            PositionPolicy.Auto => positionAxes > 0 && (CountingBackend is null || _isMultiAxis) ? PositionPolicy.Original : PositionPolicy.Compact,
            PositionPolicy.Original when CountingBackend is not null && isPruned => throw new NotSupportedException(
                $"{CountingBackend} numbers the tokens of a prompt itself, so pruned tokens of {folder} cannot keep their original positions. Use the position policy "
                + (_isMultiAxis ? "Auto, which lets this library's own sessions generate from pruned images." : "Compact or Auto, or this library's own sessions.")),
            PositionPolicy.Original when positionAxes == 0 && isPruned => throw new NotSupportedException(
                $"The decoder of {folder} computes positions by itself (it has no input position_ids), so pruned tokens cannot keep their "
                + "original positions. Use the position policy Compact or Auto."),
            PositionPolicy.Compact when _isMultiAxis && isPruned => throw new NotSupportedException(
                $"The visual tokens of {folder} have positions on {positionAxes} axes (time, height, width); numbered anew they would lose their "
                + $"place in the picture. Use the position policy {(CountingBackend is null ? "Original or Auto" : "Auto")}."),
            _ => policy,
        };
    }
}
