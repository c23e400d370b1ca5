using ZoPrune.AI.Onnx;
using ZoPrune.AI.SyntheticVlm;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Benchmarks.Tests.SyntheticVlm;

/// <summary>The tiny size of every kind, written once and open.</summary>
public sealed class TinyModels : IDisposable
{
    private readonly Dictionary<(string Kind, string Precision), VisionLanguageModel> _open = [];

    public VisionLanguageModel Open(string kind, string precision)
    {
        if (!_open.TryGetValue((kind, precision), out var model))
        {
            var folder = TemporaryFolders.Create();
            SyntheticModel.Write(SyntheticModel.Plan(kind, ModelSize.Tiny, Enum.Parse<WeightPrecision>(precision)), folder);
            _open.Add((kind, precision), model = VisionLanguageModel.Load(folder));
        }

        return model;
    }

    public void Dispose()
    {
        foreach (var model in _open.Values)
        {
            model.Dispose();
        }
    }
}
