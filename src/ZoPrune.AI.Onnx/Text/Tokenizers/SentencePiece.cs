using System.Globalization;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Conventions of SentencePiece vocabularies.</summary>
internal static class SentencePiece
{
    /// <summary>"▁", which stands for a space.</summary>
    public const char Space = '\u2581';

    /// <summary>The piece of one byte, <c>&lt;0xNN&gt;</c>.</summary>
    public static string BytePiece(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    /// <summary>The byte that a piece of the form <c>&lt;0xNN&gt;</c> stands for, else null.</summary>
    public static byte? ByteOf(string piece) =>
        piece is ['<', '0', 'x', _, _, '>']
        && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
