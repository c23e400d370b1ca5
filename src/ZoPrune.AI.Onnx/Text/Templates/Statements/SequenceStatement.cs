namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Statements one after the other.</summary>
internal sealed class SequenceStatement(int line, IReadOnlyList<Statement> statements) : Statement(line)
{
    protected override Completion Run(RenderContext context)
    {
        foreach (var statement in statements)
        {
            var completion = statement.Execute(context);
            if (completion != Completion.Normal)
            {
                return completion;
            }
        }

        return Completion.Normal;
    }
}
