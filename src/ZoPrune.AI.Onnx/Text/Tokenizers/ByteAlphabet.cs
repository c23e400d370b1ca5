namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>GPT-2's alphabet: a printable character for each byte (<c>bytes_to_unicode</c>).</summary>
internal static class ByteAlphabet
{
    /// <summary>The character that stands for a byte.</summary>
    public static char CharacterOf(byte value) => IsPrintable(value) ? (char)value : (char)(256 + UnprintableBefore(value));

    /// <summary>The byte that a character stands for, or null if it is outside the alphabet.</summary>
    public static byte? ByteOf(char character)
    {
        if (character < 256)
        {
            return IsPrintable((byte)character) ? (byte)character : null;
        }

        // The 68 unprintable bytes, in order: 0 to 32, 127 to 160, 173.
        return (character - 256) switch
        {
            < 33 => (byte)(character - 256),
            < 67 => (byte)(character - 256 - 33 + 127),
            67 => 173,
            _ => null,
        };
    }

    private static int UnprintableBefore(byte value) => value switch
    {
        < 33 => value,
        < 161 => value - 127 + 33,
        _ => 67,
    };

    private static bool IsPrintable(byte value) => value is (> 32 and < 127) or (> 160 and not 173);
}
