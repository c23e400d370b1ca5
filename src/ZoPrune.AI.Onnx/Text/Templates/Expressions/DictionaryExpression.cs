namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A dictionary.</summary>
internal sealed class DictionaryExpression(int line, IReadOnlyList<(Expression Key, Expression Value)> entries) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context)
    {
        var dictionary = new DictionaryValue(context);
        foreach (var (key, value) in entries)
        {
            dictionary.Entries[key.Evaluate(context)] = value.Evaluate(context);
        }

        return dictionary;
    }
}
