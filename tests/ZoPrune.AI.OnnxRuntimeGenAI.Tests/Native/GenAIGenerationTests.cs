using System.Text.Json;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Native;

/// <summary>Generation through the wrappers gives what GenAI's own program recorded.</summary>
public sealed class GenAIGenerationTests
{
    // Whether a call is under way when another thread disposes is a matter of chance: so many tries for so many times.
    private const int Tries = 200;
    private const int Enough = 5;

    [Theory]
    [InlineData("genai/gemma3", "text_multi_turn", 0.0001)]
    [InlineData("genai/mistral3", "text_only", 0.0001)]
    [InlineData("genai/phi3v", "text_only", 0.0001)]
    [InlineData("genai/phi3v-int4", "text_only", 0.001)]
    [InlineData("genai/qwen2_5_vl", "text_only", 0.0001)]
    [InlineData("genai/qwen2_5_vl-fp16", "text_only", 0.05)]
    [InlineData("genai/qwen3_vl", "text_only", 0.0001)]
    [InlineData("genai/fara", "text_only", 0.0001)]
    public void Text_gives_the_recorded_ids_and_logits(string folder, string name, double tolerance)
    {
        GenAI.SkipIfAbsent();
        var golden = new GenAIGolden(folder, name);
        using var model = Generators.Open(golden.Folder);
        using var generator = model.Start(golden.MaxLength);

        generator.AppendTokens(golden.InputIds);

        AssertGenerates(golden, generator, VocabularyOf(golden), tolerance);
    }

    [Theory]
    [InlineData("genai/gemma3", 0.0001)]
    [InlineData("genai/qwen2_5_vl", 0.0001)]
    [InlineData("genai/qwen2_5_vl-fp16", 0.05)]
    [InlineData("genai/qwen3_vl", 0.0001)]
    public void Tensors_of_a_picture_give_the_recorded_ids_and_logits(string folder, double tolerance)
    {
        GenAI.SkipIfAbsent();
        var golden = new GenAIGolden(folder, "square");
        using var model = Generators.Open(golden.Folder);
        using var generator = model.Start(golden.MaxLength);

        // The set and its tensors go before the generator uses them again.
        using (var inputs = golden.Inputs())
        {
            generator.SetInputs(inputs);
        }

        Assert.Equal(golden.InputIds.Length, generator.Length);
        AssertGenerates(golden, generator, VocabularyOf(golden), tolerance);
    }

    [Fact]
    public void The_token_that_ends_an_answer_is_returned_and_not_appended()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var generator = model.Start(maxLength: 32);
        generator.AppendTokens(Generators.PocketVlmPrompt);
        var logits = new float[Generators.PocketVlmIds];
        logits[4] = 1;

        generator.SetLogits(logits);

        Assert.Equal(4, generator.GenerateNextToken());
        Assert.Equal(Generators.PocketVlmPrompt.Length, generator.Length);
    }

    [Fact]
    public void Logits_that_were_set_choose_the_token()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var generator = model.Start(maxLength: 32);
        generator.AppendTokens(Generators.PocketVlmPrompt);
        var logits = new float[Generators.PocketVlmIds];
        generator.CopyLogits(logits);
        var wanted = Array.IndexOf(logits, logits.Min());
        logits[wanted] = logits.Max() + 1;

        generator.SetLogits(logits);

        Assert.Equal(wanted, generator.GenerateNextToken());
        Assert.Equal(Generators.PocketVlmPrompt.Length + 1, generator.Length);
    }

    [Fact]
    public void A_sequence_that_went_back_goes_on_as_before()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var generator = model.Start(maxLength: 64);
        generator.AppendTokens(Generators.PocketVlmPrompt);
        var expected = new float[Generators.PocketVlmIds];
        generator.CopyLogits(expected);
        generator.AppendTokens([70, 71, 72]);

        generator.RewindTo(Generators.PocketVlmPrompt.Length - 1);
        Assert.Equal(Generators.PocketVlmPrompt.Length - 1, generator.Length);
        generator.AppendTokens(Generators.PocketVlmPrompt.AsSpan()[^1..]);

        var actual = new float[Generators.PocketVlmIds];
        generator.CopyLogits(actual);
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void Model_data_takes_the_place_of_a_file_and_outlives_the_configuration()
    {
        GenAI.SkipIfAbsent();
        var source = ModelFolders.PathOf(ModelFolders.PocketVlm);
        var folder = TemporaryFolders.Create();
        foreach (var file in Directory.EnumerateFiles(source).Where(file => Path.GetFileName(file) != "embedding.onnx"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        using var expectedModel = Generators.Open(source);
        using var expected = expectedModel.Start(maxLength: 32);
        expected.AppendTokens(Generators.PocketVlmPrompt);
        var expectedLogits = new float[Generators.PocketVlmIds];
        expected.CopyLogits(expectedLogits);

        GenAIModel model;
        using (var config = GenAIConfig.FromFolder(folder))
        {
            config.Overlay("""{"model":{"embedding":{"session_options":{"session.use_ort_model_bytes_directly":"1"}}}}""");
            config.AddModelData("embedding.onnx", File.ReadAllBytes(Path.Combine(source, "embedding.onnx")));
            model = config.CreateModel();
        }

        GC.Collect();
        using (model)
        {
            using var generator = model.Start(maxLength: 32);
            generator.AppendTokens(Generators.PocketVlmPrompt);
            var logits = new float[Generators.PocketVlmIds];
            generator.CopyLogits(logits);
            Assert.Equal(expectedLogits, logits);
        }
    }

    [Fact]
    public void A_model_tells_its_type_and_its_device()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();

        Assert.Equal("gemma3", model.Type);
        Assert.Equal("CPU", model.DeviceType, ignoreCase: true);
        Assert.True(model.RunsInParallel);
    }

    [Fact]
    public void Models_on_devices_that_are_not_the_CPU_share_one_gate()
    {
        // No device and no library: only which lock a model takes.
        ModelHandle[] models = [Of("CPU"), Of("cpu"), Of("CUDA"), Of("cuda"), Of("DirectML")];

        Assert.Equal([true, true, false, false, false], models.Select(model => model.RunsInParallel));
        lock (models[0].Gate)
        {
            Assert.All(models[1..], model => Assert.False(model.Gate.IsHeldByCurrentThread));
        }

        lock (models[2].Gate)
        {
            Assert.All(models[..2], model => Assert.False(model.Gate.IsHeldByCurrentThread));
            Assert.All(models[3..], model => Assert.True(model.Gate.IsHeldByCurrentThread));
        }

        static ModelHandle Of(string deviceType)
        {
            var model = new ModelHandle();
            model.SetDevice(deviceType);
            return model;
        }
    }

    [Fact]
    public async Task Generators_that_run_side_by_side_do_not_disturb_one_another()
    {
        GenAI.SkipIfAbsent();
        var golden = new GenAIGolden("genai/qwen2_5_vl", "text_only");
        using var model = Generators.Open(golden.Folder);

        var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 4).Select(_ =>
            {
                using var generator = model.Start(golden.MaxLength);
                generator.AppendTokens(golden.InputIds);
                return generator.Generate(golden.GeneratedIds.Length);
            }).ToArray(),
            TestContext.Current.CancellationToken)));

        Assert.All(runs.SelectMany(run => run), ids => Assert.Equal(golden.GeneratedIds, ids));
    }

    [Fact]
    public async Task Models_are_opened_and_closed_side_by_side()
    {
        GenAI.SkipIfAbsent();
        var golden = new GenAIGolden("genai/qwen3_vl", "text_only");

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () => Enumerable.Range(0, 3).Select(_ =>
            {
                using var model = Generators.Open(golden.Folder);
                using var generator = model.Start(golden.MaxLength);
                model.Dispose();
                generator.AppendTokens(golden.InputIds);
                return generator.Generate(golden.GeneratedIds.Length);
            }).ToArray(),
            TestContext.Current.CancellationToken)));

        Assert.All(runs.SelectMany(run => run), ids => Assert.Equal(golden.GeneratedIds, ids));
    }

    [Fact]
    public async Task A_generator_that_is_disposed_while_it_runs_finishes_the_call()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        var finished = 0;
        for (var i = 0; i < Tries && finished < Enough; i++)
        {
            var generator = model.Start(maxLength: 2048);
            using var starts = new ManualResetEventSlim();
            var run = Task.Run(
                () =>
                {
                    starts.Set();
                    generator.AppendTokens(new int[500]);
                },
                TestContext.Current.CancellationToken);
            starts.Wait(TestContext.Current.CancellationToken);
            Thread.SpinWait(1000 * (i % 10));
            var wasRunning = !run.IsCompleted;
            generator.Dispose();
            try
            {
                await run;
                finished += wasRunning ? 1 : 0;
            }
            catch (ObjectDisposedException)
            {
                // The call came too late.
            }

            Assert.Throws<ObjectDisposedException>(() => generator.Length);
        }

        Assert.Equal(Enough, finished);
    }

    [Fact]
    public async Task A_generator_that_is_disposed_while_it_generates_gives_the_right_tokens_until_then()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        using var whole = model.Start(maxLength: 512);
        whole.AppendTokens(Generators.PocketVlmPrompt);
        var expected = whole.Generate(100);
        var interrupted = 0;
        for (var i = 0; i < Tries && interrupted < Enough; i++)
        {
            var generator = model.Start(maxLength: 512);
            generator.AppendTokens(Generators.PocketVlmPrompt);
            using var generates = new ManualResetEventSlim();
            var ids = new List<int>();
            var run = Task.Run(
                () =>
                {
                    while (ids.Count < expected.Length)
                    {
                        ids.Add(generator.GenerateNextToken());
                        generates.Set();
                    }
                },
                TestContext.Current.CancellationToken);
            generates.Wait(TestContext.Current.CancellationToken);
            Thread.SpinWait(1000 * (i % 10));
            generator.Dispose();
            try
            {
                await run;
            }
            catch (ObjectDisposedException)
            {
                interrupted++;
            }

            Assert.Equal(expected[..ids.Count], ids);
        }

        Assert.Equal(Enough, interrupted);
    }

    private static int VocabularyOf(GenAIGolden golden)
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(golden.Folder, "genai_config.json")));
        return config.RootElement.GetProperty("model").GetProperty("vocab_size").GetInt32();
    }

    private static void AssertGenerates(GenAIGolden golden, GenAIGenerator generator, int vocabulary, double tolerance)
    {
        var logits = new float[vocabulary];
        var expected = golden.GeneratedIds;
        for (var step = 0; step < expected.Length; step++)
        {
            generator.CopyLogits(logits);
            Assert.All(golden.Top(step), top => Assert.Equal(top.Logit, logits[top.Id], (float)tolerance));
            Assert.Equal(expected[step], generator.GenerateNextToken());
        }

        Assert.Equal(golden.SequenceLength, generator.Length);
    }
}
