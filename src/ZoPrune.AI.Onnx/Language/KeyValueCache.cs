using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// The keys and values of one sequence. In place: one zeroed buffer a tensor, grown by doubling. Otherwise: the present that the graph
/// returned is the next past.
/// </summary>
internal sealed class KeyValueCache : SequenceState
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

    private KeyValueCache(KeyValueLayout layout, OrtValue[] values)
    {
        _layout = layout;
        _values = values;
    }

    /// <summary>Whether the graph writes into the very buffers that it reads.</summary>
    public bool InPlace => _layout.InPlace;

    /// <summary>Counts how often a buffer was exchanged for another.</summary>
    public int Version { get; private set; }

    /// <summary>The past of each tensor, in the order of the layout.</summary>
    public IReadOnlyList<OrtValue> Values => _values;

    /// <inheritdoc/>
    public override long Bytes => _values.Sum(v => (long)RawData(v).Length);

    /// <inheritdoc/>
    public override long FixedBytes => _values.Where((_, i) => !HasRowPerToken(_layout.Layers[i])).Sum(v => (long)RawData(v).Length);

    /// <inheritdoc/>
    public override long BytesPerToken => _layout.Layers.Where(HasRowPerToken).Sum(l => l.Shape[1] * l.Shape[3] * Floats.SizeOf(l.ElementType));

    /// <summary>Whether a run that was cut off in the middle leaves what was there before as it was.</summary>
    public bool SurvivesCutOffRuns => !InPlace || _layout.Layers.All(l => l.FixedCapacity is null);

    /// <inheritdoc/>
    public override bool IsCopied => true;

    /// <inheritdoc/>
    /// <remarks>Not where states hold all tokens in one, or a sliding window may have dropped early ones.</remarks>
    public override bool CanRewind(int length, int target) =>
        _layout.Layers.All(l => !l.IsState && (l.FixedCapacity is not { } capacity || (InPlace && length <= capacity)));

    /// <inheritdoc/>
    public override void Trim(int length)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            var layer = _layout.Layers[i];
            if (HasRowPerToken(layer) && _values[i].GetTensorTypeAndShape().Shape[2] > length)
            {
                Replace(i, CopyRows(_values[i], layer, length, length));
            }
        }

        _capacity = Math.Min(_capacity, length);
    }

    /// <inheritdoc/>
    /// <remarks>Room counts where the graph writes in place.</remarks>
    public override SequenceState Branch(int length, int capacity)
    {
        var values = new OrtValue[_values.Length];
        try
        {
            for (var i = 0; i < values.Length; i++)
            {
                var layer = _layout.Layers[i];
                values[i] = HasRowPerToken(layer)
                    ? CopyRows(_values[i], layer, length, InPlace ? capacity : length)
                    : CopyWhole(_values[i], layer);
            }

            return new KeyValueCache(_layout, values) { _capacity = capacity };
        }
        catch
        {
            foreach (var value in values)
            {
                value?.Dispose();
            }

            throw;
        }
    }

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
                Replace(i, CopyRows(_values[i], layer, _capacity, capacity));
            }
        }

        _capacity = capacity;
    }

    /// <summary>Takes over what the graph returned behind the logits, where it does not write in place.</summary>
    public void TakeOver(IReadOnlyList<OrtValue> results)
    {
        for (var i = 1; i < results.Count; i++)
        {
            Replace(i - 1, results[i]);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var value in _values)
        {
            value?.Dispose();
        }
    }

    private void Replace(int index, OrtValue value)
    {
        _values[index].Dispose();
        _values[index] = value;
        Version++;
    }

    private static bool HasRowPerToken(KeyValueLayer layer) => layer is { IsState: false, FixedCapacity: null };

    private static OrtValue Allocate(KeyValueLayer layer, int length)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, layer.ElementType, layer.ShapeOf(length));
        RawData(value).Clear();
        return value;
    }

    private static Span<byte> RawData(OrtValue value) =>
        value.GetTensorTypeAndShape().ElementCount == 0 ? [] : value.GetTensorMutableRawData();

    private static OrtValue CopyWhole(OrtValue from, KeyValueLayer layer)
    {
        var copy = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, layer.ElementType, from.GetTensorTypeAndShape().Shape);
        RawData(from).CopyTo(RawData(copy));
        return copy;
    }

    /// <summary>The first rows of every head in a tensor with another number of rows; the others are zero.</summary>
    private static OrtValue CopyRows(OrtValue from, KeyValueLayer layer, int length, int capacity)
    {
        var copy = Allocate(layer, capacity);
        var source = RawData(from);
        var target = RawData(copy);
        if (length > 0)
        {
            var heads = (int)layer.Shape[1];
            var (oldHead, newHead) = (source.Length / heads, target.Length / heads);
            var kept = newHead / capacity * length;
            for (var head = 0; head < heads; head++)
            {
                source.Slice(head * oldHead, kept).CopyTo(target[(head * newHead)..]);
            }
        }

        return copy;
    }
}
