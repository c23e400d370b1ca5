using System.Numerics.Tensors;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

/// <summary>Short ways to models and generators.</summary>
internal static class Generators
{
    /// <summary>The ids of the bundled model's vocabulary.</summary>
    public const int PocketVlmIds = 456;

    /// <summary>A prompt of text alone for the bundled model: arbitrary ids, none of them a picture.</summary>
    public static int[] PocketVlmPrompt { get; } = [2, 3, 83, 86, 52, 105, 54];

    public static GenAIModel OpenPocketVlm() => Open(ModelFolders.PathOf(ModelFolders.PocketVlm));

    public static GenAIModel Open(string folder)
    {
        using var config = GenAIConfig.FromFolder(folder);
        return config.CreateModel();
    }

    public static GenAIGenerator Start(this GenAIModel model, int maxLength)
    {
        using var parameters = model.CreateGeneratorParams();
        parameters.Set("max_length", maxLength);
        parameters.Set("do_sample", false);
        return model.CreateGenerator(parameters);
    }

    public static int[] Generate(this GenAIGenerator generator, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => generator.GenerateNextToken())];

    public static int Best(ReadOnlySpan<float> logits) => TensorPrimitives.IndexOfMax(logits);
}
