using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>How many visual tokens a vision graph gives for one tile of fixed size, as far as the folder says so.</summary>
internal static class TokensPerTile
{
    /// <summary>From the graph's declared output, else from the description; <c>null</c> if neither says.</summary>
    public static int? Of(ModelFolder folder, GraphValue output)
    {
        if (output.Dimensions is { Count: >= 2 } dimensions && dimensions[^2] is > 0 and <= int.MaxValue and var rows)
        {
            return (int)rows;
        }

        if (folder.Layout == ModelFolderLayout.GenAI)
        {
            return folder.Config.Section("vision").Int("num_visual_tokens");
        }

        var (config, processor) = (folder.Config, folder.ProcessorConfig);
        if ((config.Int("mm_tokens_per_image") ?? config.Int("image_seq_length") ?? processor.Int("image_seq_len")
            ?? processor.Int("image_seq_length") ?? processor.Int("num_image_tokens")) is { } tokens)
        {
            return tokens;
        }

        var vision = config.Section("vision_config");
        var shrink = config.Int("scale_factor") is > 0 and var factor ? factor : 1;
        if (vision.Is("image_size", System.Text.Json.JsonValueKind.Number) && vision.Int("image_size") is > 0 and var size
            && vision.Int("patch_size") is > 0 and var patch)
        {
            var side = size / patch / shrink;
            return side * side;
        }

        return null;
    }
}
