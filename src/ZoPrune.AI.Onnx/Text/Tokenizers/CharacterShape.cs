using System.Globalization;
using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Text with one UTF-16 unit for each code point, so that <c>\p{L}</c> and its like see characters beyond U+FFFF.</summary>
/// <remarks>
/// .NET's regular expressions look at UTF-16 units, tokenizers at code points. Each supplementary character is replaced by a character of
/// the same general category in the basic plane that no tokenizer expression names.
/// </remarks>
internal sealed class CharacterShape
{
    private readonly int[]? _sourceIndexes;

    private CharacterShape(string text, int[]? sourceIndexes)
    {
        Text = text;
        _sourceIndexes = sourceIndexes;
    }

    /// <summary>The text to match.</summary>
    public string Text { get; }

    public static CharacterShape Of(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return new CharacterShape(text, null);
        }

        var shape = new StringBuilder(text.Length);
        var indexes = new List<int>(text.Length + 1);
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            indexes.Add(position);
            shape.Append(rune.IsBmp ? (char)rune.Value : Representative(Rune.GetUnicodeCategory(rune)));

            // An unpaired surrogate is enumerated as U+FFFD, which takes one unit as well.
            position += rune.Utf16SequenceLength;
        }

        indexes.Add(position);
        return new CharacterShape(shape.ToString(), [.. indexes]);
    }

    /// <summary>The index in the source of the character at <paramref name="index"/>.</summary>
    public int SourceIndex(int index) => _sourceIndexes is null ? index : _sourceIndexes[index];

    private static char Representative(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u0100',
        UnicodeCategory.LowercaseLetter => '\u0101',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u05D0',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u20DD',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u00B2',
        UnicodeCategory.ConnectorPunctuation => '\u203F',
        UnicodeCategory.DashPunctuation => '\u2010',
        UnicodeCategory.OpenPunctuation => '\u2045',
        UnicodeCategory.ClosePunctuation => '\u2046',
        UnicodeCategory.InitialQuotePunctuation => '\u00AB',
        UnicodeCategory.FinalQuotePunctuation => '\u00BB',
        UnicodeCategory.OtherPunctuation => '\u00A1',
        UnicodeCategory.MathSymbol => '\u00B1',
        UnicodeCategory.CurrencySymbol => '\u00A2',
        UnicodeCategory.ModifierSymbol => '\u00A8',
        UnicodeCategory.OtherSymbol => '\u00A9',
        UnicodeCategory.Format => '\u200B',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\u0378',
    };
}
