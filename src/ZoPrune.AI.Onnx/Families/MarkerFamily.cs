using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// The family whose data file says it all: each marker of the template becomes the image's placeholders with some text around them, and the
/// tokens of an image are one square grid.
/// </summary>
internal class MarkerFamily(FamilyContext context) : ModelFamily(context)
{
    public override void PlaceImages(IReadOnlyList<PromptSegment> segments, PromptWriter prompt) =>
        prompt.Replace(segments, Marker, image => PlaceImage(image, prompt), Data.MarkerEnd);

    public override TokenLayout Layout(ProcessedImage image, int rows) => Data.HasGrid ? base.Layout(image, rows) : TokenLayout.Unknown;

    protected virtual void PlaceImage(int image, PromptWriter prompt)
    {
        prompt.Template(Data.Before);
        prompt.Image(image);
        prompt.Template(Data.After);
    }
}
