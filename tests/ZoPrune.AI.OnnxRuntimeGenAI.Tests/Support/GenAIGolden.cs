using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

/// <summary>A case of the zoo: what ONNX Runtime GenAI itself recorded (<c>tests/data/zoo/README.md</c>).</summary>
internal sealed class GenAIGolden
{
    private readonly string _folder;
    private readonly string _name;
    private readonly JsonElement _json;

    public GenAIGolden(string folder, string name)
    {
        _folder = folder;
        _name = name;
        _json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "goldens", name + ".json"))).RootElement;
    }

    public string Folder => ModelFolders.PathOf(_folder);

    public int MaxLength => _json.GetProperty("max_length").GetInt32();

    public int[] InputIds => [.. _json.GetProperty("input_ids").EnumerateArray().SelectMany(Ids)];

    public int[] GeneratedIds => [.. _json.GetProperty("generated_ids").EnumerateArray().Select(id => id.GetInt32())];

    public string GenerationError => _json.GetProperty("generation_error").GetString()!;

    public bool StoppedByEos => _json.GetProperty("stopped_by_eos").GetBoolean();

    public int SequenceLength => _json.GetProperty("sequence_length").GetInt32();

    /// <summary>The five largest logits of a step, before any rule was applied.</summary>
    public (int Id, float Logit)[] Top(int step)
    {
        var top = _json.GetProperty("top5_ids_logits")[step];
        return [.. top[0].EnumerateArray().Zip(top[1].EnumerateArray(), (id, logit) => (id.GetInt32(), logit.GetSingle()))];
    }

    /// <summary>The arrays of the case that are inputs of the model.</summary>
    public GenAINamedTensors Inputs()
    {
        var inputs = new GenAINamedTensors();
        foreach (var file in _json.GetProperty("full").EnumerateArray()
            .Select(file => file.GetString()!)
            .Where(file => file != "image_features.npy"))
        {
            var array = NpyFile.Read(Path.Combine(Folder, "goldens", _name, file));
            var shape = Array.ConvertAll(array.Shape, length => (long)length);
            using var tensor = array.Type switch
            {
                "<f4" => GenAITensor.Create<float>(shape, array.ToSingles()),
                "<f2" => GenAITensor.Create(
                    shape, MemoryMarshal.Cast<byte, Float16>(array.Data)),
                "<i4" => GenAITensor.Create(shape, MemoryMarshal.Cast<byte, int>(array.Data)),
                "<i8" => GenAITensor.Create<long>(shape, array.ToInt64s()),
                _ => throw new InvalidDataException(array.Type),
            };
            inputs.Set(Path.GetFileNameWithoutExtension(file), tensor);
        }

        return inputs;
    }

    private static IEnumerable<int> Ids(JsonElement entry) => entry.ValueKind == JsonValueKind.Array
        ? Enumerable.Repeat(entry[0].GetInt32(), entry[1].GetInt32())
        : [entry.GetInt32()];
}
