namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Puts a text before any that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : OriginNormalizer
{
    public override OriginText Normalize(OriginText text)
    {
        if (text.Text.Length == 0)
        {
            return text;
        }

        var result = new OriginTextBuilder();
        result.Append(prefix, text.Origins[0] == TextOrigin.Template ? TextOrigin.Template : TextOrigin.User);
        result.Append(text, 0, text.Text.Length);
        return result.Take();
    }
}
