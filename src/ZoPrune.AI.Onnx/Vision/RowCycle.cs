namespace ZoPrune.AI.Onnx.Vision;

/// <summary>Equal rows, given out in order and then again from the first.</summary>
internal sealed class RowCycle(int first)
{
    private readonly List<int> _rows = [first];
    private int _next;

    public int First => _rows[0];

    public void Add(int row) => _rows.Add(row);

    public int Next()
    {
        var row = _rows[_next];
        _next = (_next + 1) % _rows.Count;
        return row;
    }
}
