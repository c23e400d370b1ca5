using System.Globalization;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Writes values as Python's <c>json.dumps</c> does.</summary>
/// <remarks>Chat templates are rendered with Hugging Face's <c>tojson</c>: no HTML escapes, no sorting, non-ASCII characters as they
/// are.</remarks>
internal sealed class JsonWriter(
    TracedTextBuilder target,
    string? indent,
    string itemSeparator,
    string keySeparator,
    bool asciiOnly,
    bool sortKeys,
    RenderContext context)
{
    public void Write(TemplateValue value, int depth = 0)
    {
        var outer = context.Enter(context.Line);
        switch (value)
        {
            case TextValue text:
                WriteText(text.Text);
                break;
            case ListValue list:
                WriteItems('[', ']', list.Items, depth, item => Write(item, depth + 1));
                break;
            case DictionaryValue dictionary:
                WriteItems('{', '}', Sorted(dictionary), depth, entry =>
                {
                    WriteKey(entry.Key);
                    target.Append(keySeparator, isUser: false);
                    Write(entry.Value, depth + 1);
                });
                break;
            case NoneValue:
                target.Append("null", isUser: false);
                break;
            case BooleanValue flag:
                target.Append(flag.IsTrue ? "true" : "false", isUser: false);
                break;
            case FloatValue number when !double.IsFinite(number.Value):
                target.Append(double.IsNaN(number.Value) ? "NaN" : number.Value > 0 ? "Infinity" : "-Infinity", isUser: false);
                break;
            case IntegerValue or FloatValue:
                value.Write(target, context);
                break;
            default:
                throw context.Error($"a value of type '{value.TypeName}' cannot be written as JSON.");
        }

        context.Leave(outer);
    }

    private void WriteItems<T>(char open, char close, IReadOnlyCollection<T> items, int depth, Action<T> write)
    {
        target.Append([open], isUser: false);
        var isFirst = true;
        foreach (var item in items)
        {
            target.Append(isFirst ? "" : itemSeparator, isUser: false);
            NewLine(depth + 1);
            write(item);
            isFirst = false;
        }

        if (!isFirst)
        {
            NewLine(depth);
        }

        target.Append([close], isUser: false);
    }

    private void NewLine(int depth)
    {
        if (indent is null)
        {
            return;
        }

        target.Append("\n", isUser: false);
        for (var i = 0; i < depth; i++)
        {
            target.Append(indent, isUser: false);
        }
    }

    private List<KeyValuePair<TemplateValue, TemplateValue>> Sorted(DictionaryValue dictionary)
    {
        context.Charge(dictionary.Entries.Count);
        return sortKeys
            ? Sequences.Sort(dictionary.Entries, entry => entry.Key, reverse: false, context)
            : [.. dictionary.Entries];
    }

    private void WriteKey(TemplateValue key)
    {
        if (key is TextValue text)
        {
            WriteText(text.Text);
            return;
        }

        if (key is ListValue or DictionaryValue)
        {
            throw context.Error($"a JSON key cannot be of type '{key.TypeName}'.");
        }

        target.Append("\"", isUser: false);
        Write(key);
        target.Append("\"", isUser: false);
    }

    private void WriteText(TracedText text)
    {
        target.Append("\"", isUser: false);
        var start = 0;
        foreach (var run in text.Runs)
        {
            for (; start < run.End; start++)
            {
                if (Escape(text.Value[start]) is { } escaped)
                {
                    target.Append(escaped, run.IsUser);
                }
                else
                {
                    target.Append([text.Value[start]], run.IsUser);
                }
            }
        }

        target.Append("\"", isUser: false);
    }

    private string? Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => @"\\",
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        '\b' => @"\b",
        '\f' => @"\f",
        < ' ' => Unicode(character),
        >= '\u007F' when asciiOnly && character != '\u007F' => Unicode(character),
        _ => null,
    };

    private static string Unicode(char character) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
}
