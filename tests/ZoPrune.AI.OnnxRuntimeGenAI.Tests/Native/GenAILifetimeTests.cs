using System.Runtime.CompilerServices;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Native;

/// <summary>What is disposed gives its memory back, in any order. Alone, as the memory of the process is measured.</summary>
[Collection(nameof(GenAILifetimeTests))]
[CollectionDefinition(nameof(GenAILifetimeTests), DisableParallelization = true)]
public sealed class GenAILifetimeTests
{
    // 5 layers, keys and values, 2 heads of 32, float32: the KV cache that every generator allocates for max_length tokens.
    private const int MaxLength = 2048;
    private const long KeyValueBytes = 5L * 2 * 2 * 32 * sizeof(float) * MaxLength;

    [Fact]
    public void A_disposed_object_is_refused()
    {
        GenAI.SkipIfAbsent();
        var config = GenAIConfig.FromFolder(ModelFolders.PathOf(ModelFolders.PocketVlm));
        var model = config.CreateModel();
        var parameters = model.CreateGeneratorParams();
        var generator = model.CreateGenerator(parameters);
        var tensor = GenAITensor.Create<int>([1], [1]);
        var inputs = new GenAINamedTensors();
        foreach (IDisposable made in new IDisposable[] { config, generator, parameters, model, tensor, inputs })
        {
            made.Dispose();
            made.Dispose();
        }

        Assert.Throws<ObjectDisposedException>(() => config.Overlay("{}"));
        Assert.Throws<ObjectDisposedException>(() => config.AddModelData("a", [1]));
        Assert.Throws<ObjectDisposedException>(config.CreateModel);
        Assert.Throws<ObjectDisposedException>(model.CreateGeneratorParams);
        Assert.Throws<ObjectDisposedException>(() => parameters.Set("max_length", 1));
        Assert.Throws<ObjectDisposedException>(() => generator.Length);
        Assert.Throws<ObjectDisposedException>(() => generator.AppendTokens([1]));
        Assert.Throws<ObjectDisposedException>(() => generator.GenerateNextToken());
        Assert.Throws<ObjectDisposedException>(() => generator.CopyLogits(new float[1]));
        Assert.Throws<ObjectDisposedException>(() => generator.SetLogits([1]));
        Assert.Throws<ObjectDisposedException>(() => generator.RewindTo(0));
        Assert.Throws<ObjectDisposedException>(() => tensor.Bytes.Length);
        using var other = GenAITensor.Create<int>([1], [1]);
        Assert.Throws<ObjectDisposedException>(() => inputs.Set("a", other));
    }

    [Fact]
    public void A_generator_keeps_its_model_open()
    {
        GenAI.SkipIfAbsent();
        var golden = new GenAIGolden("genai/qwen2_5_vl", "text_only");
        var model = Generators.Open(golden.Folder);
        using var generator = model.Start(golden.MaxLength);

        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Start(golden.MaxLength));

        generator.AppendTokens(golden.InputIds);
        Assert.Equal(golden.GeneratedIds, generator.Generate(golden.GeneratedIds.Length));
    }

    [Fact]
    public void Objects_that_nobody_disposed_are_finalised_in_any_order()
    {
        GenAI.SkipIfAbsent();
        MemoryInUse.SkipIfUnknown();
        const int Megabytes64 = 1 << 26;
        var unused = new byte[Megabytes64];
        Leave(unused);
        var before = MemoryInUse.BytesAfterCollection();
        for (var i = 0; i < 5; i++)
        {
            // The data, and the generator's KV cache: what keeps either keeps the model.
            Assert.InRange(Leave(unused) - before, Megabytes64 + (KeyValueBytes / 2), long.MaxValue);
            Assert.InRange(MemoryInUse.BytesAfterCollection() - before, long.MinValue, KeyValueBytes / 2);
        }

        using var model = Generators.OpenPocketVlm();
        using var generator = model.Start(maxLength: 16);
        generator.AppendTokens(Generators.PocketVlmPrompt);
        Assert.Equal(Generators.PocketVlmPrompt.Length, generator.Length);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static long Leave(byte[] unused)
        {
            var config = GenAIConfig.FromFolder(ModelFolders.PathOf(ModelFolders.PocketVlm));
            config.AddModelData("unused.onnx", unused);
            var model = config.CreateModel();
            var parameters = model.CreateGeneratorParams();
            parameters.Set("max_length", MaxLength);
            var generator = model.CreateGenerator(parameters);
            generator.AppendTokens(Generators.PocketVlmPrompt);
            var inputs = new GenAINamedTensors();
            var tensor = GenAITensor.Create<int>([1], [1]);
            inputs.Set("a", tensor);
            var bytes = MemoryInUse.Bytes();
            foreach (var left in new object[] { config, model, parameters, generator, inputs, tensor })
            {
                GC.KeepAlive(left);
            }

            return bytes;
        }
    }

    [Fact]
    public void Model_data_lives_as_long_as_the_last_model()
    {
        GenAI.SkipIfAbsent();
        MemoryInUse.SkipIfUnknown();
        const int Megabytes64 = 1 << 26;
        Generators.OpenPocketVlm().Dispose();
        var before = MemoryInUse.BytesAfterCollection();
        GenAIModel model;
        GenAIGenerator generator;
        using (var config = GenAIConfig.FromFolder(ModelFolders.PathOf(ModelFolders.PocketVlm)))
        {
            config.AddModelData("unused.onnx", new byte[Megabytes64]);
            model = config.CreateModel();
            generator = model.Start(maxLength: 16);
        }

        Assert.InRange(MemoryInUse.BytesAfterCollection() - before, Megabytes64, long.MaxValue);
        model.Dispose();
        Assert.InRange(MemoryInUse.BytesAfterCollection() - before, Megabytes64, long.MaxValue);
        generator.Dispose();
        Assert.InRange(MemoryInUse.BytesAfterCollection() - before, long.MinValue, Megabytes64 / 2);
    }

    [Fact]
    public void Generators_give_their_memory_back()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        AssertFlat(200, 100 * KeyValueBytes / 4, () =>
        {
            using var generator = model.Start(MaxLength);
            generator.AppendTokens(Generators.PocketVlmPrompt);
            generator.GenerateNextToken();
        });
    }

    [Fact]
    public void A_generator_that_is_kept_is_seen_by_the_measure()
    {
        GenAI.SkipIfAbsent();
        MemoryInUse.SkipIfUnknown();
        using var model = Generators.OpenPocketVlm();
        var kept = new List<GenAIGenerator>();
        var before = MemoryInUse.BytesAfterCollection();
        for (var i = 0; i < 20; i++)
        {
            kept.Add(model.Start(MaxLength));
            kept[^1].AppendTokens(Generators.PocketVlmPrompt);
        }

        // Twice what the other tests allow a generator.
        Assert.InRange(MemoryInUse.BytesAfterCollection() - before, 20 * KeyValueBytes / 2, long.MaxValue);
        kept.ForEach(generator => generator.Dispose());
    }

    [Fact]
    public void Models_give_their_memory_back()
    {
        GenAI.SkipIfAbsent();
        var weights = new DirectoryInfo(ModelFolders.PathOf(ModelFolders.PocketVlm)).EnumerateFiles("*.onnx").Sum(file => file.Length);
        var bytes = File.ReadAllBytes(Path.Combine(ModelFolders.PathOf(ModelFolders.PocketVlm), "embedding.onnx"));
        AssertFlat(20, 10 * weights / 4, () =>
        {
            using var config = GenAIConfig.FromFolder(ModelFolders.PathOf(ModelFolders.PocketVlm));
            config.AddModelData("embedding.onnx", bytes);
            using var model = config.CreateModel();
        });
    }

    [Fact]
    public void Tensors_and_copies_of_model_data_give_their_memory_back()
    {
        GenAI.SkipIfAbsent();
        const int Megabyte = 1 << 20;
        var bytes = new byte[Megabyte];
        AssertFlat(200, 100L * Megabyte / 4, () =>
        {
            using var config = GenAIConfig.FromFolder(ModelFolders.PathOf(ModelFolders.PocketVlm));
            config.AddModelData("unused.onnx", bytes);
            using var inputs = new GenAINamedTensors();
            using var tensor = GenAITensor.Create<byte>([Megabyte], bytes);
            inputs.Set("a", tensor);
        });
    }

    [Fact]
    public void Attempts_that_fail_give_their_memory_back()
    {
        GenAI.SkipIfAbsent();
        using var model = Generators.OpenPocketVlm();
        AssertFlat(200, 100 * KeyValueBytes / 4, () =>
        {
            using (var config = GenAIConfig.FromFolder(ModelFolders.PathOf(ModelFolders.PocketVlm)))
            {
                config.AddModelData("decoder.onnx", new byte[KeyValueBytes]);
                Assert.Throws<OnnxRuntimeGenAIException>(config.CreateModel);
                Assert.Throws<OnnxRuntimeGenAIException>(() => config.AddModelData("decoder.onnx", new byte[KeyValueBytes]));
            }

            using var generator = model.Start(MaxLength);
            Assert.Throws<OnnxRuntimeGenAIException>(() => generator.AppendTokens(new int[MaxLength + 1]));
            generator.AppendTokens(Generators.PocketVlmPrompt);
            Assert.Throws<ArgumentException>(() => generator.CopyLogits([]));
            Assert.Throws<OnnxRuntimeGenAIException>(() => generator.SetLogits(new float[1]));
            Assert.Throws<ArgumentException>(() => GenAITensor.Create<float>([KeyValueBytes / 4], []));
        });
    }

    /// <summary>After a first half, which also warms up, the second half adds less than the limit,
    /// which a leak would exceed by far.</summary>
    private static void AssertFlat(int count, long limit, Action once)
    {
        MemoryInUse.SkipIfUnknown();
        for (var i = 0; i < count / 2; i++)
        {
            once();
        }

        var before = MemoryInUse.BytesAfterCollection();
        for (var i = 0; i < count / 2; i++)
        {
            once();
        }

        Assert.InRange(MemoryInUse.BytesAfterCollection() - before, long.MinValue, limit);
    }
}
