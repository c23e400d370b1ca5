using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Native;

/// <summary>What the library refuses becomes an exception with its words; what would end the process is refused before.</summary>
public sealed class GenAIErrorTests
{
    [Fact]
    public void A_folder_that_is_not_there_is_reported_with_its_name()
    {
        GenAI.SkipIfAbsent();
        var folder = Path.Combine(TemporaryFolders.Create(), "missing");

        var error = Assert.Throws<OnnxRuntimeGenAIException>(() => GenAIConfig.FromFolder(folder));

        Assert.Equal("OgaCreateConfig", error.Function);
        Assert.StartsWith("OgaCreateConfig: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"model":{"type":7}}""")]
    [InlineData("""{"model":{"no_such_key":"x"}}""")]
    public void A_damaged_configuration_is_reported(string json)
    {
        GenAI.SkipIfAbsent();
        var folder = TemporaryFolders.Create();
        File.WriteAllText(Path.Combine(folder, "genai_config.json"), json);

        var error = Assert.Throws<OnnxRuntimeGenAIException>(() => GenAIConfig.FromFolder(folder));

        Assert.Equal("OgaCreateConfig", error.Function);
        Assert.True(error.Message.Length > "OgaCreateConfig: ".Length);
    }

    [Fact]
    public void A_type_that_nobody_knows_is_reported_with_its_name()
    {
        GenAI.SkipIfAbsent();
        using var config = GenAIConfig.FromFolder(ModelFolders.PathOf(ModelFolders.PocketVlm));
        config.Overlay("""{"model":{"type":"no_such_type"}}""");

        var error = Assert.Throws<OnnxRuntimeGenAIException>(config.CreateModel);

        Assert.Equal("OgaCreateModelFromConfig", error.Function);
        Assert.Contains("no_such_type", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_that_is_none_is_reported_and_the_configuration_stays_usable()
    {
        GenAI.SkipIfAbsent();
        using var config = GenAIConfig.FromFolder(ModelFolders.PathOf(ModelFolders.PocketVlm));
        config.AddModelData("decoder.onnx", "This is a text."u8);

        for (var i = 0; i < 2; i++)
        {
            var error = Assert.Throws<OnnxRuntimeGenAIException>(config.CreateModel);
            Assert.Equal("OgaCreateModelFromConfig", error.Function);
        }
    }

    [Fact]
    public void Model_data_that_is_empty_or_given_twice_is_refused()
    {
        GenAI.SkipIfAbsent();
        using var config = GenAIConfig.FromFolder(ModelFolders.PathOf(ModelFolders.PocketVlm));
        config.AddModelData("a.onnx", [1]);

        Assert.Equal("OgaConfigAddModelData", Assert.Throws<OnnxRuntimeGenAIException>(() => config.AddModelData("a.onnx", [1])).Function);
        Assert.Equal("OgaConfigAddModelData", Assert.Throws<OnnxRuntimeGenAIException>(() => config.AddModelData("b.onnx", [])).Function);
    }

    [Fact]
    public void A_device_that_the_library_was_not_built_for_is_reported()
    {
        GenAI.SkipIfAbsent();
        using var config = GenAIConfig.FromFolder(ModelFolders.PathOf(ModelFolders.PocketVlm));
        config.ClearProviders();
        config.AppendProvider("no_such_provider");

        var error = Assert.Throws<OnnxRuntimeGenAIException>(config.CreateModel);

        Assert.Contains("no_such_provider", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_that_is_too_long_is_reported_with_the_lengths_and_the_generator_stays_usable()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var generator = model.Start(maxLength: 8);

        var error = Assert.Throws<OnnxRuntimeGenAIException>(() => generator.AppendTokens(new int[9]));

        Assert.Equal("OgaGenerator_AppendTokens", error.Function);
        Assert.Contains("input_ids size (9)", error.Message, StringComparison.Ordinal);
        Assert.Contains("exceeds max length (8)", error.Message, StringComparison.Ordinal);
        generator.AppendTokens(Generators.PocketVlmPrompt);
        Assert.Equal(Generators.PocketVlmPrompt.Length, generator.Length);
    }

    [Fact]
    public void A_window_that_is_longer_than_the_sequence_is_reported_as_the_library_reports_it()
    {
        GenAI.SkipIfAbsent();
        var golden = new GenAIGolden("genai/gemma3", "text_only");
        using var model = Generators.Open(golden.Folder);
        using var generator = model.Start(golden.MaxLength);

        var error = Assert.Throws<OnnxRuntimeGenAIException>(() => generator.AppendTokens(golden.InputIds));

        // The numbers of the source lines in ONNX Runtime's message are its version's.
        const string Recorded = "Non-zero status code returned while running GroupQueryAttention";
        Assert.Contains(Recorded, golden.GenerationError, StringComparison.Ordinal);
        Assert.Contains(Recorded, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generator_whose_run_failed_is_refused()
    {
        GenAI.SkipIfAbsent();
        var golden = new GenAIGolden("genai/gemma3", "text_only");
        using var model = Generators.Open(golden.Folder);
        using var generator = model.Start(golden.MaxLength);
        Assert.Throws<OnnxRuntimeGenAIException>(() => generator.AppendTokens(golden.InputIds));

        // It holds the ids and no logits: GenAI would take logits of any length and choose from them.
        Assert.Equal(golden.InputIds.Length, generator.Length);
        using var inputs = new GenAINamedTensors();
        Action[] calls =
        [
            () => generator.SetLogits([1]),
            () => generator.GenerateNextToken(),
            () => generator.CopyLogits(new float[1]),
            generator.ComputeLogits,
            () => generator.AppendTokens([2]),
            () => generator.SetInputs(inputs),
            () => generator.RewindTo(0),
        ];
        Assert.All(calls, call => Assert.StartsWith(
            "The generator failed before", Assert.Throws<InvalidOperationException>(call).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_generator_whose_first_inputs_failed_is_refused()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var generator = model.Start(maxLength: 512);
        using var inputs = new GenAINamedTensors();
        Set(inputs, "input_ids", GenAITensor.Create<int>([1, 3], [2, 7, 3]));
        Set(inputs, "pixel_values", GenAITensor.Create<float>([1, 3, 8, 8], new float[192]));
        Set(inputs, "num_image_tokens", GenAITensor.Create<long>([1], [256L]));
        Assert.Throws<OnnxRuntimeGenAIException>(() => generator.SetInputs(inputs));

        Assert.Throws<InvalidOperationException>(() => generator.SetLogits([1]));
        Assert.Throws<InvalidOperationException>(() => generator.AppendTokens(Generators.PocketVlmPrompt));
    }

    [Fact]
    public void Ids_of_another_type_are_refused()
    {
        GenAI.SkipIfAbsent();
        using var inputs = new GenAINamedTensors();
        using var ids = GenAITensor.Create<long>([1, 2], [2L, 3L]);

        var error = Assert.Throws<ArgumentException>(() => inputs.Set("input_ids", ids));

        Assert.StartsWith("input_ids must be of type Int32, not Int64.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_of_the_wrong_shape_is_reported_by_the_graph()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var generator = model.Start(maxLength: 512);
        using var inputs = new GenAINamedTensors();
        Set(inputs, "input_ids", GenAITensor.Create<int>([1, 3], [2, 7, 3]));
        Set(inputs, "pixel_values", GenAITensor.Create<float>([1, 3, 8, 8], new float[192]));
        Set(inputs, "num_image_tokens", GenAITensor.Create<long>([1], [256L]));

        var error = Assert.Throws<OnnxRuntimeGenAIException>(() => generator.SetInputs(inputs));

        Assert.Contains("pixel_values", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_that_nobody_knows_is_reported_with_its_name()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var parameters = model.CreateGeneratorParams();

        Assert.Contains(
            "no_number",
            Assert.Throws<OnnxRuntimeGenAIException>(() => parameters.Set("no_number", 1)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "no_switch",
            Assert.Throws<OnnxRuntimeGenAIException>(() => parameters.Set("no_switch", true)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_that_cannot_be_used_are_reported()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var parameters = model.CreateGeneratorParams();
        parameters.Set("max_length", 4096);

        var error = Assert.Throws<OnnxRuntimeGenAIException>(() => model.CreateGenerator(parameters));

        Assert.Equal("OgaCreateGenerator", error.Function);
        Assert.Contains("max_length", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_of_another_model_are_refused()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var other = Generators.OpenPocketVlm();
        using var parameters = other.CreateGeneratorParams();

        Assert.Throws<ArgumentException>(() => model.CreateGenerator(parameters));
    }

    [Fact]
    public void A_generator_without_tokens_generates_nothing()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var generator = model.Start(maxLength: 8);

        Assert.Equal(0, generator.Length);
        Assert.Throws<InvalidOperationException>(() => generator.GenerateNextToken());
        Assert.Throws<InvalidOperationException>(() => generator.CopyLogits(new float[Generators.PocketVlmIds]));
        Assert.Throws<InvalidOperationException>(() => generator.SetLogits(new float[Generators.PocketVlmIds]));
        Assert.Throws<OnnxRuntimeGenAIException>(() => generator.AppendTokens([]));
        Assert.Throws<OnnxRuntimeGenAIException>(() => generator.RewindTo(1));
    }

    [Fact]
    public void A_full_sequence_is_reported()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var generator = model.Start(maxLength: Generators.PocketVlmPrompt.Length);
        generator.AppendTokens(Generators.PocketVlmPrompt);

        var error = Assert.Throws<OnnxRuntimeGenAIException>(() => generator.GenerateNextToken());

        Assert.Equal("OgaGenerator_GenerateNextToken", error.Function);
        Assert.Contains("max_length (7)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Generators.PocketVlmIds - 1)]
    [InlineData(Generators.PocketVlmIds + 1)]
    public void Logits_of_another_length_are_refused(int count)
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var generator = model.Start(maxLength: 16);
        generator.AppendTokens(Generators.PocketVlmPrompt);

        Assert.Throws<ArgumentException>(() => generator.CopyLogits(new float[count]));
        Assert.Equal(
            "OgaGenerator_SetLogits",
            Assert.Throws<OnnxRuntimeGenAIException>(() => generator.SetLogits(new float[count])).Function);
    }

    [Fact]
    public void Tensors_that_cannot_be_made_are_refused()
    {
        GenAI.SkipIfAbsent();

        Assert.Throws<ArgumentOutOfRangeException>(() => GenAITensor.Create(TensorElementType.Float, [2, -1]));
        Assert.Throws<OverflowException>(() => GenAITensor.Create(TensorElementType.Float, [1 << 20, 1 << 20]));
        Assert.Throws<NotSupportedException>(() => GenAITensor.Create(TensorElementType.String, [1]));
        Assert.Throws<ArgumentException>(() => GenAITensor.Create<float>([2, 2], new float[3]));
        using var tensor = GenAITensor.Create<float>([2], [1f, 2f]);
        Assert.Throws<ArgumentException>(() => tensor.CopyTo(new int[2].AsSpan()));
        Assert.Throws<ArgumentException>(() => tensor.CopyTo(new float[3].AsSpan()));
    }

    private static void Set(GenAINamedTensors inputs, string name, GenAITensor tensor)
    {
        using (tensor)
        {
            inputs.Set(name, tensor);
        }
    }
}
