using System.Text;
using ZoPrune.AI.Onnx.Text.Tokenizers;

namespace ZoPrune.AI.Onnx.Text;

/// <summary>Turns a stream of token ids into text without ever splitting a character or losing text.</summary>
/// <remarks>
/// Bytes that do not yet form a whole UTF-8 character are held back. Bytes that cannot become one are given as U+FFFD as soon as that is
/// certain (ONNX Runtime GenAI drops them). Special tokens have no text. One instance serves one stream; it is not thread-safe.
/// </remarks>
public sealed class StreamingDetokenizer
{
    private const int LongestOnStack = 128;

    private readonly PieceStream _pieces;
    private readonly Dictionary<int, string>? _visible;
    private readonly Decoder _utf8 = new UTF8Encoding(false, throwOnInvalidBytes: false).GetDecoder();

    /// <param name="pieces">The tokens' bytes.</param>
    /// <param name="visible">The texts of special tokens that are to have one.</param>
    internal StreamingDetokenizer(PieceStream pieces, Dictionary<int, string>? visible = null)
    {
        _pieces = pieces;
        _visible = visible is { Count: > 0 } ? visible : null;
    }

    /// <summary>Takes the next id and returns the text that has become certain, possibly none.</summary>
    /// <param name="id">The token id; one behind the vocabulary has the text of the unknown token (Hugging Face: none).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="id"/> is negative.</exception>
    public string Append(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        var bytes = _pieces.Next(id);
        if (_visible is not null && _visible.TryGetValue(id, out var content))
        {
            return Convert(bytes, flush: true) + content;
        }

        return bytes.Length == 0 ? "" : Convert(bytes, flush: false);
    }

    /// <summary>Ends the stream: what is still held back is returned as U+FFFD.</summary>
    public string Flush()
    {
        _pieces.End();
        return Convert([], flush: true);
    }

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        var length = _utf8.GetCharCount(bytes, flush);
        var chars = length <= LongestOnStack ? stackalloc char[LongestOnStack] : new char[length];
        return new string(chars[.._utf8.GetChars(bytes, chars, flush)]);
    }
}
