using System.Text.RegularExpressions;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Prompts;

/// <summary>Collects a prompt: text, single tokens, and the placeholders of images, as many as are kept.</summary>
/// <param name="source">What errors call the template.</param>
/// <param name="images">The selections.</param>
/// <param name="placeholderOf">The placeholder id by image number.</param>
internal sealed class PromptWriter(string source, IReadOnlyList<ImageSelection> images, Func<int, int> placeholderOf)
{
    private readonly List<PromptSegment> _segments = [];
    private readonly List<ImageRun?> _runs = [];

    /// <summary>The prompt so far.</summary>
    public IReadOnlyList<PromptSegment> Segments => _segments;

    /// <summary>For each run of tokens among the segments the image rows that it stands for; <c>null</c> for other tokens.</summary>
    public IReadOnlyList<ImageRun?> Runs => _runs;

    /// <summary>The images.</summary>
    public IReadOnlyList<ImageSelection> Images => images;

    /// <summary>Appends a segment as it is.</summary>
    public void Append(PromptSegment segment)
    {
        _segments.Add(segment);
        if (segment.Kind == PromptSegmentKind.Tokens)
        {
            _runs.Add(null);
        }
    }

    /// <summary>Appends text of the template's standing.</summary>
    public void Template(string text)
    {
        if (text.Length > 0)
        {
            Append(PromptSegment.Template(text));
        }
    }

    /// <summary>Appends one token.</summary>
    public void Token(int id) => Append(PromptSegment.Tokens(id, 1));

    /// <summary>Appends the placeholders of a whole image.</summary>
    public void Image(int image) => Rows(image, 0, images[image].Image.Count);

    /// <summary>Appends the placeholders of some rows of an image: of those that are kept.</summary>
    public void Rows(int image, int first, int count)
    {
        var kept = images[image].Kept;
        _segments.Add(PromptSegment.Tokens(placeholderOf(image), kept.CountIn(first, count)));
        _runs.Add(new ImageRun(image, first, count));
    }

    /// <summary>
    /// Copies a rendered prompt and replaces the n-th marker by what the n-th image becomes. Only template text is looked at: a marker that
    /// a user typed is text.
    /// </summary>
    /// <param name="segments">The rendered prompt.</param>
    /// <param name="marker">The marker.</param>
    /// <param name="place">Writes the image of a number.</param>
    /// <param name="markerEnd">Where it follows, what lies between the marker and this text belongs to the marker.</param>
    /// <exception cref="ChatTemplateException">The template wrote more or fewer markers than there are images.</exception>
    public void Replace(IReadOnlyList<PromptSegment> segments, string marker, Action<int> place, string? markerEnd = null)
    {
        var found = 0;
        Copy(segments, text =>
        {
            var parts = text.Split(marker);
            Template(parts[0]);
            foreach (var part in parts.Skip(1))
            {
                PlaceNext(ref found, place);
                var end = markerEnd is null ? -1 : part.IndexOf(markerEnd, StringComparison.Ordinal);
                Template(end < 0 ? part : part[(end + markerEnd!.Length)..]);
            }
        });
        RequireMarkers(found, marker);
    }

    /// <summary>The same for numbered tags that count in the order in which they stand, whatever their numbers.</summary>
    /// <param name="segments">The rendered prompt.</param>
    /// <param name="tags">What a tag looks like.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="place">Writes the image of a number.</param>
    /// <exception cref="ChatTemplateException">The template wrote more or fewer tags than there are images.</exception>
    public void Replace(IReadOnlyList<PromptSegment> segments, Regex tags, string name, Action<int> place)
    {
        var found = 0;
        Replace(segments, tags, _ => PlaceNext(ref found, place));
        RequireMarkers(found, name);
    }

    /// <summary>Copies a rendered prompt and hands over what is found in template text; the text between is copied.</summary>
    /// <param name="segments">The rendered prompt.</param>
    /// <param name="tags">What to look for.</param>
    /// <param name="place">Writes what stands for a tag.</param>
    public void Replace(IReadOnlyList<PromptSegment> segments, Regex tags, Action<Match> place) => Copy(segments, text =>
    {
        var at = 0;
        foreach (Match tag in tags.Matches(text))
        {
            Template(text[at..tag.Index]);
            at = tag.Index + tag.Length;
            place(tag);
        }

        Template(text[at..]);
    });

    /// <summary>Throws unless there is one marker an image.</summary>
    public void RequireMarkers(int found, string marker)
    {
        if (found != images.Count)
        {
            throw Fault($"it wrote {found} image markers '{marker}' for {images.Count} images.");
        }
    }

    private void Copy(IReadOnlyList<PromptSegment> segments, Action<string> template)
    {
        foreach (var segment in segments)
        {
            if (segment.Kind == PromptSegmentKind.Template)
            {
                template(segment.Text);
            }
            else
            {
                Append(segment);
            }
        }
    }

    /// <summary>More markers than images are counted, for the error.</summary>
    private void PlaceNext(ref int found, Action<int> place)
    {
        if (found < images.Count)
        {
            place(found);
        }

        found++;
    }

    /// <summary>An error about the template.</summary>
    public ChatTemplateException Fault(string reason) => new(source, 0, reason);

    /// <summary>Throws unless every row of every image stands in the prompt once.</summary>
    public void RequireAllRows()
    {
        for (var image = 0; image < images.Count; image++)
        {
            var rows = _runs.Where(r => r?.Image == image).Sum(r => r!.Rows);
            if (rows != images[image].Image.Count)
            {
                throw Fault($"the prompt has room for {rows} visual tokens of image {image}, which has {images[image].Image.Count}.");
            }
        }
    }
}
