namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Text that knows which of its characters come from messages.</summary>
internal sealed class TracedText
{
    private readonly TextRun[] _runs;

    internal TracedText(string value, TextRun[] runs)
    {
        Value = value;
        _runs = runs;
    }

    public static TracedText Empty { get; } = new("", []);

    public string Value { get; }

    public int Length => Value.Length;

    /// <summary>The runs, in order; neighbours differ in origin.</summary>
    public ReadOnlySpan<TextRun> Runs => _runs;

    public bool HasUserText => _runs.Length > 1 || (_runs.Length == 1 && _runs[0].IsUser);

    public static TracedText Of(string value, bool isUser) =>
        value.Length == 0 ? Empty : new TracedText(value, [new TextRun(value.Length, isUser)]);

    /// <summary>Whether any of the characters comes from a message.</summary>
    public bool HasUserTextIn(int start, int length)
    {
        if (length == 0)
        {
            return false;
        }

        var run = RunAt(start);
        return _runs[run].IsUser || _runs[run].End < start + length;
    }

    public TracedText Slice(int start, int length)
    {
        if (start == 0 && length == Length)
        {
            return this;
        }

        if (length == 0)
        {
            return Empty;
        }

        var first = RunAt(start);
        var last = RunAt(start + length - 1);
        var runs = new TextRun[last - first + 1];
        for (var i = 0; i < runs.Length; i++)
        {
            var run = _runs[first + i];
            runs[i] = run with { End = Math.Min(run.End - start, length) };
        }

        return new TracedText(Value.Substring(start, length), runs);
    }

    /// <summary>Text of the same length, character by character derived from this one.</summary>
    public TracedText WithCharacters(string characters) => new(characters, _runs);

    public List<PromptSegment> ToSegments()
    {
        var segments = new List<PromptSegment>(_runs.Length);
        var position = 0;
        foreach (var run in _runs)
        {
            var text = Value[position..run.End];
            segments.Add(run.IsUser ? PromptSegment.User(text) : PromptSegment.Template(text));
            position = run.End;
        }

        return segments;
    }

    public override string ToString() => Value;

    private int RunAt(int index)
    {
        var (low, high) = (0, _runs.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _runs[middle].End <= index ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
