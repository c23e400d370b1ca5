using ZoPrune.AI.Onnx.Families;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Prompts;

/// <summary>Turns a conversation and the selections of its images into ids and positions.</summary>
internal sealed class PromptEncoder(
    ModelFamily family,
    ChatTemplate template,
    TextTokenizer tokenizer,
    TimeProvider time,
    bool takesPositions,
    string folder)
{
    public EncodedPrompt Encode(ChatPrompt prompt, IReadOnlyList<ImageSelection> images, PositionPolicy policy)
    {
        CheckImages(prompt, images);
        var segments = template.Render(prompt, new ChatTemplateVariables
        {
            AddGenerationPrompt = true,
            BosToken = tokenizer.BosToken,
            EosToken = tokenizer.EosToken,
            Now = time.GetLocalNow(),
        });
        return Place(segments, template.Name, images, policy);
    }

    public EncodedPrompt EncodeRendered(string rendered, IReadOnlyList<ImageSelection> images, PositionPolicy policy) =>
        Place([PromptSegment.Template(rendered)], "rendered prompt", images, policy);

    private EncodedPrompt Place(
        IReadOnlyList<PromptSegment> segments, string source, IReadOnlyList<ImageSelection> images, PositionPolicy policy)
    {
        var used = Decide(policy, images);
        var encoded = tokenizer.Encode(family.PlaceImages(segments, source, images, tokenizer));
        var positions = new long[encoded.Ids.Length];
        var next = 0L;
        var at = 0;
        for (var i = 0; i < images.Count; i++)
        {
            var start = encoded.TokenRunStarts[i];
            Number(positions.AsSpan(at, start - at), ref next);
            var kept = images[i].Kept;
            if (used == PositionPolicy.Original)
            {
                for (var j = 0; j < kept.Count; j++)
                {
                    positions[start + j] = next + kept[j];
                }

                next += images[i].Image.Count;
            }
            else
            {
                Number(positions.AsSpan(start, kept.Count), ref next);
            }

            at = start + kept.Count;
        }

        Number(positions.AsSpan(at), ref next);
        return new EncodedPrompt(encoded.Ids, positions, next, used, images.Sum(i => i.Image.Count), images.Sum(i => i.Kept.Count));
    }

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

    private PositionPolicy Decide(PositionPolicy policy, IReadOnlyList<ImageSelection> images) => policy switch
    {
        PositionPolicy.Auto => takesPositions ? PositionPolicy.Original : PositionPolicy.Compact,
        PositionPolicy.Original when !takesPositions && images.Any(i => i.Kept.Count < i.Image.Count) => throw new NotSupportedException(
            $"The decoder of {folder} computes positions by itself (it has no input position_ids), so pruned tokens cannot keep their "
            + "original positions. Use the position policy Compact or Auto."),
        _ => policy,
    };

    private static void Number(Span<long> positions, ref long next)
    {
        foreach (ref var position in positions)
        {
            position = next++;
        }
    }
}
