using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// PaliGemma: images first, then the beginning of the sequence, the text and a line end; everything sees everything, so the prompt is one
/// run
/// (hf-onnx-vlm-folder specification 3.6).
/// </summary>
internal sealed class PaliGemmaFamily(FamilyContext context) : MarkerFamily(context)
{
    /// <summary>The beginning of the sequence is written behind the images.</summary>
    public override bool AddsSpecialTokens(IReadOnlyList<PromptSegment> segments) => false;

    public override void PlaceImages(IReadOnlyList<PromptSegment> segments, PromptWriter prompt)
    {
        if (prompt.Images.Count == 0)
        {
            throw new NotSupportedException(
                $"{Folder.Path} is a {Folder.Type} model, which answers about images only; the request has none.");
        }

        var bos = Tokenizer.BosToken ?? throw new ModelFolderException(
            Folder.TokenizerFolder, $"tokenizer_config.json names no bos_token, which a prompt of type {Folder.Type} needs.");
        var text = new List<PromptSegment>();
        var found = 0;
        foreach (var segment in segments)
        {
            if (segment.Kind != PromptSegmentKind.Template)
            {
                text.Add(segment);
                continue;
            }

            var parts = segment.Text.Split(Marker);
            found += parts.Length - 1;
            text.AddRange(parts.Where(p => p.Length > 0).Select(PromptSegment.Template));
        }

        prompt.RequireMarkers(found, Marker);
        for (var image = 0; image < prompt.Images.Count; image++)
        {
            prompt.Image(image);
        }

        if (text.Count == 0 || text[0].Kind != PromptSegmentKind.Template || !text[0].Text.StartsWith(bos, StringComparison.Ordinal))
        {
            prompt.Template(bos);
        }

        foreach (var segment in text)
        {
            prompt.Append(segment);
        }

        prompt.Template("\n");
    }
}
