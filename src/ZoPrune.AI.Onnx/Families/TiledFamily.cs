using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>A family that cuts large pictures into tiles and lists the tokens tile by tile (InternVL; Idefics 3 builds on it).</summary>
internal class TiledFamily(FamilyContext context) : MarkerFamily(context)
{
    private const string OlderMarker = "<image>";

    /// <summary>
    /// Whether pictures are cut where nobody says otherwise: InternVL's processor does so against what its image processor's file says.
    /// </summary>
    protected virtual bool? SplitsByDefault => true;

    protected override bool CutsPictures => true;

    public override ImageRecipe CreateImages(bool? splitImages) => base.CreateImages(splitImages ?? SplitsByDefault);

    public override TokenLayout Layout(ProcessedImage image, int rows)
    {
        var tiles = TilesOf(image);
        if (tiles == 0 || rows % tiles != 0)
        {
            throw new ModelFolderException(Folder.Vision.File, $"gives {rows} visual tokens for {tiles} tiles, which is not the same number a tile.");
        }

        var each = rows / tiles;
        return new TokenLayout(SquareOf(each))
        {
            Crops = tiles == 1 ? [] : [.. Enumerable.Range(0, rows).Select(row => row / each)],
        };
    }

    public override void PlaceImages(IReadOnlyList<PromptSegment> segments, PromptWriter prompt)
    {
        // Older templates of InternVL write <image> where newer ones write the placeholder.
        var marker = segments.Any(s => s.Kind == PromptSegmentKind.Template && s.Text.Contains(Marker, StringComparison.Ordinal)) ? Marker : OlderMarker;
        prompt.Replace(segments, marker, image => PlaceImage(image, prompt));
    }
}
