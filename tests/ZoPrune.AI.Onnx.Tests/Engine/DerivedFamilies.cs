using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Tests.Graphs;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Folders of families that the zoo has none of, made of folders that it has.</summary>
internal static class DerivedFamilies
{
    public static DerivedFolder VideoChat() => DerivedFolder.GenAI("qwen3_vl")
        .Put("vision.onnx", VideoVision())
        .Edit("genai_config.json", c =>
        {
            var model = c["model"]!.AsObject();
            model["type"] = "videochat_flash_qwen";
            model.Remove("image_token_id");
            model.Remove("video_token_id");
            model.Remove("vision_start_token_id");
            var vision = model["vision"]!.AsObject();
            vision["num_visual_tokens"] = 64;
            vision["inputs"] = new JsonObject { ["pixel_values"] = "images" };
            vision["outputs"] = new JsonObject { ["image_features"] = "visual_tokens" };
        })
        .Write("processor_config.json", Processor(
            """{"name":"resize","type":"Resize","attrs":{"interpolation":"CUBIC","width":8,"height":8,"keep_aspect_ratio":0}}""",
            """{"name":"rescale","type":"Rescale"}""",
            """{"name":"normalize","type":"Normalize","attrs":{"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}}""",
            """{"name":"permute","type":"Permute3D","attrs":{"dims":[2,0,1]}}"""));

    public static DerivedFolder Gemma4() => Gemma4(Gemma4Vision(TensorElementType.Int64, false));

    public static DerivedFolder Gemma4(TinyGraph vision) => DerivedFolder.GenAI("gemma3")
        .Replace(("<start_of_image>", "<|image>"), ("<image_soft_token>", "<|image|>"), ("<end_of_image>", "<image|>"))
        .Put("vision.onnx", vision)
        .Edit("genai_config.json", c =>
        {
            c["model"]!["type"] = "gemma4";
            c["model"]!["vision"]!["inputs"]!["pixel_position_ids"] = "pixel_position_ids";
        })
        .Write("processor_config.json", Processor(
            """{"name":"gemma4","type":"Gemma4ImageTransform","attrs":{"patch_size":16,"max_soft_tokens":20,"pooling_kernel_size":3}}"""));

    private static string Processor(params string[] operations) =>
        """{"processor":{"name":"tiny","transforms":[{"operation":{"name":"decode","type":"DecodeImage","attrs":{"color_space":"RGB"}}},"""
        + string.Join(",", operations.Select(o => $$"""{"operation":{{o}}}""")) + "]}}";

    /// <summary>[P, 768] and [P, 2] to [P / 9, 32].</summary>
    public static TinyGraph Gemma4Vision(TensorElementType positions, bool hasBatch) => new TinyGraph()
        .Input("pixel_values", TensorElementType.Float, hasBatch ? [1, 0, 768] : [0, 768])
        .Input("pixel_position_ids", positions, hasBatch ? [1, 0, 2] : [0, 2])
        .Integers("zero", 0).Integers("one", 1).Integers("width", 32).Integers("last", -1)
        .Integers("nine", -1, 9, 32).Integers("nine_columns", -1, 9, 1)
        .Node("Slice", ["pixel_values", "zero", "width", "last"], "narrow")
        .Node("Reshape", ["narrow", "nine"], "groups")
        .Node("ReduceMean", ["groups", "one"], "mean", "", TinyGraph.Int("keepdims", 0))
        .Node("Cast", ["pixel_position_ids"], "places", "", TinyGraph.Int("to", 1))
        .Node("Slice", ["places", "zero", "one", "last"], "column")
        .Node("Reshape", ["column", "nine_columns"], "columns")
        .Node("ReduceMean", ["columns", "one"], "mean_column", "", TinyGraph.Int("keepdims", 0))
        .Node("Add", ["mean", "mean_column"], "image_features")
        .Output("image_features", TensorElementType.Float, 0, 32);

    /// <summary>[1, frames, 3, 8, 8] to [frames, 64, 32].</summary>
    private static TinyGraph VideoVision()
    {
        var weight = new float[3 * 32];
        (weight[0], weight[33], weight[66]) = (3, 3, 3);
        return new TinyGraph()
            .Input("images", TensorElementType.Float, 1, 0, 3, 8, 8)
            .Integers("pixels", -1, 64, 3)
            .Weight("projector", weight, 3, 32)
            .Node("Transpose", ["images"], "last", "", TinyGraph.Ints("perm", 0, 1, 3, 4, 2))
            .Node("Reshape", ["last", "pixels"], "rows")
            .Node("MatMul", ["rows", "projector"], "visual_tokens")
            .Output("visual_tokens", TensorElementType.Float, 0, 64, 32);
    }
}
