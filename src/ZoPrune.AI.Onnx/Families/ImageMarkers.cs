using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>Finds the markers that a chat template wrote for images. A marker that a user typed is text and is never one of them.</summary>
internal static class ImageMarkers
{
    /// <summary>Replaces the n-th marker by what the n-th image becomes.</summary>
    /// <exception cref="ChatTemplateException">The template wrote more or fewer markers than there are images.</exception>
    public static IReadOnlyList<PromptSegment> Replace(
        IReadOnlyList<PromptSegment> segments, string source, string marker, int images, Func<int, IEnumerable<PromptSegment>> replacement)
    {
        var result = new List<PromptSegment>();
        var found = 0;
        foreach (var segment in segments)
        {
            if (segment.Kind != PromptSegmentKind.Template)
            {
                result.Add(segment);
                continue;
            }

            var parts = segment.Text.Split(marker);
            for (var i = 0; i < parts.Length; i++)
            {
                if (i > 0)
                {
                    if (found < images)
                    {
                        result.AddRange(replacement(found));
                    }

                    found++;
                }

                if (parts[i].Length > 0)
                {
                    result.Add(PromptSegment.Template(parts[i]));
                }
            }
        }

        return found == images
            ? result
            : throw new ChatTemplateException(source, 0, $"it wrote {found} image markers '{marker}' for {images} images.");
    }
}
