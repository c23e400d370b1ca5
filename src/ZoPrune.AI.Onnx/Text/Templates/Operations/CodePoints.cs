namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Python's view of a string: code points, an unpaired surrogate counting as one.</summary>
internal static class CodePoints
{
    public static int LengthAt(string text, int position) =>
        char.IsHighSurrogate(text[position]) && position + 1 < text.Length && char.IsLowSurrogate(text[position + 1]) ? 2 : 1;

    public static int Count(string text)
    {
        var count = 0;
        for (var position = 0; position < text.Length; position += LengthAt(text, position))
        {
            count++;
        }

        return count;
    }

    /// <summary>Where each code point starts, and the length of the text behind the last.</summary>
    public static int[] Offsets(string text)
    {
        var offsets = new List<int>(text.Length + 1);
        for (var position = 0; position < text.Length; position += LengthAt(text, position))
        {
            offsets.Add(position);
        }

        return [.. offsets, text.Length];
    }
}
