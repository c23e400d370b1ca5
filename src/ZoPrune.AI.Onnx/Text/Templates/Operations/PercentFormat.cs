namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Python's <c>%</c> on strings, with <c>%s</c>, <c>%d</c>, <c>%r</c> and <c>%%</c>.</summary>
internal static class PercentFormat
{
    public static TextValue Apply(TracedText format, IReadOnlyList<TemplateValue> arguments, RenderContext context)
    {
        var text = new TracedTextBuilder(context);
        var next = 0;
        for (var position = 0; position < format.Length; position++)
        {
            if (format.Value[position] != '%')
            {
                text.Append(format, position, 1);
                continue;
            }

            var kind = ++position < format.Length ? format.Value[position] : throw context.Error("incomplete format.");
            if (kind == '%')
            {
                text.Append(format, position, 1);
                continue;
            }

            var value = next < arguments.Count ? arguments[next++] : throw context.Error("not enough arguments for the format string.");
            switch (kind)
            {
                case 's':
                    value.Write(text, context);
                    break;
                case 'r':
                    value.WriteLiteral(text, context);
                    break;
                case 'd' when Numbers.TryInteger(value, out var integer):
                    new IntegerValue(integer).Write(text, context);
                    break;
                default:
                    throw context.Error($"the format '%{kind}' is not supported for '{value.TypeName}'.");
            }
        }

        return next == arguments.Count
            ? new TextValue(text.ToText())
            : throw context.Error("not all arguments converted during string formatting.");
    }
}
