using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary><c>ByteLevel</c>: words as GPT-2 cuts them, each byte written as a printable character.</summary>
internal sealed class ByteLevelStep(bool addPrefixSpace, SplitStep? words) : PreTokenizerStep
{
    public override void Split(PreToken token, List<PreToken> parts)
    {
        var text = addPrefixSpace && token.Text is not [' ', ..] ? token with { Text = " " + token.Text } : token;
        var first = parts.Count;
        if (words is null)
        {
            parts.Add(text);
        }
        else
        {
            words.Split(text, parts);
        }

        for (var i = first; i < parts.Count; i++)
        {
            parts[i] = parts[i] with { Text = Spell(parts[i].Text) };
        }
    }

    public static string Spell(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return string.Create(bytes.Length, bytes, (characters, values) =>
        {
            for (var i = 0; i < values.Length; i++)
            {
                characters[i] = ByteAlphabet.CharacterOf(values[i]);
            }
        });
    }
}
