using System.Text.Json.Nodes;
using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.SyntheticVlm.Layers;

namespace ZoPrune.AI.SyntheticVlm.Folders;

/// <summary>Qwen2.5-VL as a folder of GenAI's type of that name.</summary>
/// <param name="plan">What is written.</param>
/// <param name="folder">The folder.</param>
internal sealed class Qwen25Folder(ModelPlan plan, OutputFolder folder) : GenAIFolder(plan, folder)
{
    private const int WindowPixels = WindowedVisionGraph.WindowSize * WindowedVisionGraph.MergeSize * WindowedVisionGraph.PatchSize;

    /// <summary>1,280 visual tokens, the upper bound that the authors suggest where memory counts.</summary>
    private const int MaxPixels = 1280 * 28 * 28;

    private const string Expression =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    protected override string Type => "qwen2_5_vl";

    protected override string Placeholder => "<|image_pad|>";

    protected override string BeginToken => "<|endoftext|>";

    protected override string EndToken => "<|im_end|>";

    protected override string PadToken => "<|endoftext|>";

    protected override void WriteVision(GraphWriter graph) =>
        new WindowedVisionGraph(graph, Plan.Size.Vision, Plan.Size.Decoder.Width).Write();

    protected override (string Type, JsonObject? Attributes)[] ImageOperations()
    {
        var normalization = Normalization();
        normalization["qwen2_5_vl"] = 1;
        return
        [
            Decode(),
            ("ConvertRGB", null),
            ("Resize", new JsonObject
            {
                // The sides are multiples of patch_size · merge_size: of a window here, where the original takes whole visual tokens.
                ["width"] = WindowPixels, ["height"] = WindowPixels, ["smart_resize"] = 1, ["min_pixels"] = WindowPixels * WindowPixels,
                ["max_pixels"] = MaxPixels, ["patch_size"] = WindowedVisionGraph.PatchSize,
                ["merge_size"] = WindowedVisionGraph.WindowSize * WindowedVisionGraph.MergeSize,
            }),
            Rescale(),
            ("Normalize", normalization),
            ("PatchImage", new JsonObject
            {
                ["patch_size"] = WindowedVisionGraph.PatchSize, ["temporal_patch_size"] = 2, ["merge_size"] = WindowedVisionGraph.MergeSize,
            }),
        ];
    }

    protected override void Describe(JsonObject model, JsonObject vision)
    {
        model["video_token_id"] = Plan.Kind.IdOf("<|video_pad|>");
        model["vision_start_token_id"] = Plan.Kind.IdOf("<|vision_start|>");
        vision["inputs"]!["image_grid_thw"] = "image_grid_thw";
        vision["patch_size"] = WindowedVisionGraph.PatchSize;
        vision["spatial_merge_size"] = WindowedVisionGraph.MergeSize;
        vision["tokens_per_second"] = 2.0;
    }

    protected override void WriteDescriptions()
    {
        base.WriteDescriptions();
        WriteTokenizer(Expression, "Qwen2Tokenizer", EndToken, PadToken, "qwen");
    }
}
