using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>The decoder's inputs of integers for one token after another, bound to a run once and filled anew for each.</summary>
/// <param name="bind">Sets an input of the run, from then on.</param>
internal sealed class DecoderStepInputs(Action<string, OrtValue> bind) : IDisposable
{
    private readonly List<OrtValue> _values = [];

    // Tensors do not keep the memory alive that they lie over.
    private readonly List<IntegerBuffer> _buffers = [];
    private readonly long[] _maskShape = [1, 0];
    private IntegerBuffer? _positions;
    private IntegerBuffer? _ids;
    private GraphValue? _mask;
    private IntegerBuffer? _ones;
    private OrtValue? _maskValue;

    /// <summary>Binds the mask, in which nothing is masked; it grows with the sequence.</summary>
    public void BindMask(GraphValue input) => _mask = input;

    /// <summary>Binds the position, the same on each axis.</summary>
    public void BindPosition(GraphValue input, int axes) =>
        _positions = BindBuffer(input.Name, new IntegerBuffer(input.ElementType, axes, 0), axes == 1 ? [1, 1] : [axes, 1, 1]);

    /// <summary>Binds the token.</summary>
    public void BindId(GraphValue input) => _ids = BindBuffer(input.Name, new IntegerBuffer(input.ElementType, 1, 0), [1, 1]);

    /// <summary>Binds an integer that never changes.</summary>
    public void BindConstant(string name, TensorElementType type, int number, long[] shape) =>
        BindBuffer(name, new IntegerBuffer(type, 1, number), shape);

    /// <summary>Binds a value, which belongs to this object from then on.</summary>
    public void BindValue(string name, OrtValue value)
    {
        _values.Add(value);
        bind(name, value);
    }

    /// <summary>Fills in what is new.</summary>
    /// <param name="id">The token.</param>
    /// <param name="position">Its position.</param>
    /// <param name="pastLength">Tokens that are in the cache.</param>
    public void Set(int id, long position, int pastLength)
    {
        _ids?.Fill(id);
        _positions?.Fill(position);
        if (_mask is null)
        {
            return;
        }

        var length = pastLength + 1;
        if (_ones is null || _ones.Length < length)
        {
            _ones = new IntegerBuffer(_mask.ElementType, Math.Max(length + 128, 2 * (_ones?.Length ?? 0)), 1);
        }

        _maskShape[1] = length;
        var last = _maskValue;
        _maskValue = _ones.CreateTensor(_maskShape);
        bind(_mask.Name, _maskValue);
        last?.Dispose();
    }

    public void Dispose()
    {
        _maskValue?.Dispose();
        _values.ForEach(v => v.Dispose());
    }

    private IntegerBuffer BindBuffer(string name, IntegerBuffer buffer, long[] shape)
    {
        _buffers.Add(buffer);
        BindValue(name, buffer.CreateTensor(shape));
        return buffer;
    }
}
