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
    /// a
    /// user typed is text.
    /// </summary>
    /// <param name="segments">The rendered prompt.</param>
    /// <param name="marker">The marker.</param>
    /// <param name="place">Writes the image of a number.</param>
    /// <param name="markerEnd">Where it follows, what lies between the marker and this text belongs to the marker.</param>
    /// <exception cref="ChatTemplateException">The template wrote more or fewer markers than there are images.</exception>
    public void Replace(IReadOnlyList<PromptSegment> segments, string marker, Action<int> place, string? markerEnd = null)
    {
        var found = 0;
        foreach (var segment in segments)
        {
            if (segment.Kind != PromptSegmentKind.Template)
            {
                Append(segment);
                continue;
            }

            var parts = segment.Text.Split(marker);
            for (var i = 0; i < parts.Length; i++)
            {
                if (i > 0)
                {
                    if (found < images.Count)
                    {
                        place(found);
                    }

                    found++;
                }

                var end = i == 0 || markerEnd is null ? -1 : parts[i].IndexOf(markerEnd, StringComparison.Ordinal);
                Template(end < 0 ? parts[i] : parts[i][(end + markerEnd!.Length)..]);
            }
        }

        RequireMarkers(found, marker);
    }

    /// <summary>Throws unless there is one marker an image.</summary>
    public void RequireMarkers(int found, string marker)
    {
        if (found != images.Count)
        {
            throw Fault($"it wrote {found} image markers '{marker}' for {images.Count} images.");
        }
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
