using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// Qwen2-VL and its successors: patches of the picture in its own aspect ratio, merged in blocks, positions on three axes
/// (genai-model-folder specification 3.6, 4.11, 5.2; hf-onnx-vlm-folder specification 3.4, 4).
/// </summary>
internal sealed class QwenVisionFamily : MarkerFamily
{
    private const string Start = "<|vision_start|>";
    private const int DefaultMergeSize = 2;

    private readonly int _merge;
    private readonly PositionRule _positions;

    public QwenVisionFamily(FamilyContext context)
        : base(context)
    {
        var isGenAI = Folder.Layout == ModelFolderLayout.GenAI;
        var vision = Folder.Config.Section(isGenAI ? "vision" : "vision_config");
        _merge = vision.Int("spatial_merge_size") is { } merge and > 0 ? merge : DefaultMergeSize;

        // GenAI finds images by the ids of its description: without them all tokens are numbered plainly, without a word.
        var findsImages = !isGenAI
            || (Folder.ImageTokenId == PlaceholderOf(0) && Folder.Config.Int("vision_start_token_id") is { } start && start == Tokenizer.IdOf(Start));
        _positions = new PositionRule(0, findsImages, isGenAI ? Folder.PadTokenId : null);
    }

    public override PositionRule Positions => _positions;

    public override int? CountRows(ProcessedImage image, GraphValue output) => image.Inputs.TryGetValue("image_grid_thw", out var grid)
        ? grid.IntegerAt(1) / _merge * (grid.IntegerAt(2) / _merge)
        : null;

    public override TokenLayout Layout(ProcessedImage image, int rows)
    {
        if (!image.Inputs.TryGetValue("image_grid_thw", out var grid))
        {
            return TokenLayout.Unknown;
        }

        var (height, width) = (grid.IntegerAt(1) / _merge, grid.IntegerAt(2) / _merge);
        return height * width == rows
            ? new TokenLayout(new TokenGrid(height, width))
            : throw new ModelFolderException(
                Folder.Vision.File,
                $"gives {rows} visual tokens for a grid of {grid.IntegerAt(1)} x {grid.IntegerAt(2)} patches, which makes {height * width} with spatial_merge_size {_merge}.");
    }
}
