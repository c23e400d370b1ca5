using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Tests.Engine;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

/// <summary>The model folders of the tests, generating with ONNX Runtime GenAI.</summary>
public sealed class GenAIModels : ZooModels
{
    protected override void Configure(VisionLanguageModelOptions options) => options.UseOnnxRuntimeGenAI();
}
