using System.Text;

namespace ZoPrune.AI.Evaluation;

/// <summary>
/// As many tokens as Qwen2's vocabulary has, of the kinds that a byte-level vocabulary holds: bytes, words with and without a space before
/// them, other scripts, parts of characters, runs of punctuation (quotes included) and of white space.
/// </summary>
internal static class SyntheticVocabulary
{
    public const int Size = 151_936;

    private const string Punctuation = "\"\"\"'{}[]:,,;.()<>=/\\\\-_+*&|!?#$%@ ";

    private static readonly string[] Syllables =
        [.. from first in "bcdfghjklmnprstvwz" from vowel in "aeiou" from last in new[] { "", "n", "r", "s", "t", "l" } select $"{first}{vowel}{last}"];

    public static byte[]?[] Create()
    {
        var random = new Random(1);
        var known = new HashSet<string>(StringComparer.Ordinal);
        var tokens = new List<byte[]>();
        for (var value = 0; value < 256; value++)
        {
            tokens.Add([(byte)value]);
        }

        Add(9_000, () => Run(Punctuation, random.Next(2, 6)));
        Add(1_200, () => Run(" \t\n\r", random.Next(2, 16)));
        Add(2_000, () => Run("\\nrtu\"/0123456789abcdef", random.Next(2, 6)));
        Add(26_000, () => Script(0x4E00, 0x9FA5, 1, 4));
        Add(24_000, () => Script(0x410, 0x44F, 2, 9));
        Add(8_000, () => Script(0x621, 0x64A, 2, 7));
        Add(4_000, () => Script(0xAC00, 0xD7A3, 1, 3));
        AddParts(4_000);
        Add(Size - tokens.Count, Word);
        return [.. tokens];

        void Add(int count, Func<string> create)
        {
            for (var goal = tokens.Count + count; tokens.Count < goal;)
            {
                var text = create();
                if (known.Add(text) && Encoding.UTF8.GetByteCount(text) > 1)
                {
                    tokens.Add(Encoding.UTF8.GetBytes(text));
                }
            }
        }

        void AddParts(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var bytes = Encoding.UTF8.GetBytes(Script(0x1F300, 0x1FAFF, 1, 2) + Script(0x4E00, 0x9FA5, 1, 1));
                tokens.Add(bytes[random.Next(4)..^random.Next(1, 3)]);
            }
        }

        string Run(string characters, int length) =>
            string.Concat(Enumerable.Range(0, length).Select(_ => characters[random.Next(characters.Length)]));

        string Script(int first, int last, int min, int max) => string.Concat(
            Enumerable.Range(0, random.Next(min, max + 1)).Select(_ => char.ConvertFromUtf32(random.Next(first, last + 1))));

        string Word()
        {
            var word = string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => Syllables[random.Next(Syllables.Length)]));
            word = random.Next(4) == 0 ? char.ToUpperInvariant(word[0]) + word[1..] : word;
            return random.Next(2) == 0 ? " " + word : word;
        }
    }
}
