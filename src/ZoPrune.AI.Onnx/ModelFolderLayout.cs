namespace ZoPrune.AI.Onnx;

/// <summary>How the files of a model folder are laid out.</summary>
public enum ModelFolderLayout
{
    /// <summary>
    /// ONNX Runtime GenAI: <c>genai_config.json</c> names the graphs, <c>processor_config.json</c> lists image operations.
    /// </summary>
    GenAI,

    /// <summary>transformers.js: <c>config.json</c> of Hugging Face, graphs <c>vision_encoder</c>, <c>embed_tokens</c> and
    /// <c>decoder_model_merged</c> in <c>onnx/</c>.</summary>
    TransformersJs,
}
