using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// The keys and values of one sequence. In place: one zeroed buffer a tensor, grown by doubling. Otherwise: the present that the graph
/// returned is the next past.
/// </summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly KeyValueLayout _layout;
    private readonly OrtValue[] _values;
    private int _capacity;

    public KeyValueCache(KeyValueLayout layout, int capacity)
    {
        _layout = layout;
        _capacity = capacity;
        _values = new OrtValue[layout.Layers.Count];
        try
        {
            for (var i = 0; i < _values.Length; i++)
            {
                _values[i] = Allocate(layout.Layers[i], layout.InPlace ? layout.Layers[i].FixedCapacity ?? capacity : layout.Layers[i].FixedCapacity ?? 0);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether the graph writes into the very buffers that it reads.</summary>
    public bool InPlace => _layout.InPlace;

    /// <summary>The past of each tensor, in the order of the layout.</summary>
    public IReadOnlyList<OrtValue> Values => _values;

    /// <summary>Makes room for a sequence of a length.</summary>
    public void EnsureCapacity(int length, int limit)
    {
        if (!InPlace || length <= _capacity)
        {
            return;
        }

        var capacity = Math.Min(Math.Max(length, _capacity * 2), Math.Max(length, limit));
        for (var i = 0; i < _values.Length; i++)
        {
            var layer = _layout.Layers[i];
            if (layer.FixedCapacity is null)
            {
                var grown = Allocate(layer, capacity);
                CopyHeads(_values[i], grown, layer, _capacity, capacity);
                _values[i].Dispose();
                _values[i] = grown;
            }
        }

        _capacity = capacity;
    }

    /// <summary>Takes over what the graph returned, where it does not write in place.</summary>
    public void Replace(int index, OrtValue present)
    {
        _values[index].Dispose();
        _values[index] = present;
    }

    public void Dispose()
    {
        foreach (var value in _values)
        {
            value?.Dispose();
        }
    }

    private static OrtValue Allocate(KeyValueLayer layer, int length)
    {
        var shape = layer.ShapeOf(length);
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, layer.ElementType, shape);
        if (!shape.Contains(0))
        {
            value.GetTensorMutableRawData().Clear();
        }

        return value;
    }

    private static void CopyHeads(OrtValue from, OrtValue to, KeyValueLayer layer, int oldLength, int newLength)
    {
        var source = from.GetTensorMutableRawData();
        var target = to.GetTensorMutableRawData();
        var heads = (int)layer.Shape[1];
        var (oldHead, newHead) = (source.Length / heads, (int)((long)source.Length / heads * newLength / oldLength));
        for (var head = 0; head < heads; head++)
        {
            source.Slice(head * oldHead, oldHead).CopyTo(target[(head * newHead)..]);
        }
    }
}
