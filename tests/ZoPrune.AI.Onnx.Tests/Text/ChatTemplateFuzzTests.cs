using FsCheck;
using FsCheck.Fluent;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Tests.Text;

public class ChatTemplateFuzzTests
{
    private static readonly string[] Fragments =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "{%-", "-%}", "{{-", "-}}", " ", "\n", "x", "c", "messages",
        "loop", "if", "elif", "else", "endif",
        "for", "in", "endfor", "set", "endset", "macro", "endmacro", "call", "endcall", "filter", "endfilter", "with",
        "endwith", "break", "continue",
        "raw", "endraw", "is", "not", "and", "or", "none", "true", "1", "0", "2.5", "'a'", "\"b\"", "'", "\\", "(",
        ")", "[", "]", "{", "}", ",", ":", ".",
        "|", "=", "==", "~", "*", "**", "/", "//", "%", "<", "!=", "trim", "upper", "join", "tojson", "list",
        "length", "map", "select", "sort", "indent",
        "replace", "default", "int", "range", "namespace", "defined", "string", "odd", "split", "items", "role",
        "content", "caller", "varargs",
    ];

    private static readonly string[] Whole =
    [
        "{{ c }}", "{{ c|trim }}", "{% for x in c %}", "{% endfor %}", "{% if c %}", "{% else %}", "{% endif %}",
        "{% set y = c %}", "{{ y|upper }}",
        "{{ messages[0].content[1:] }}", "{{ messages|tojson(indent=1) }}", "{% macro m(a, b=1) %}", "{% endmacro %}", "{{ m(c, 2) }}",
        "{{ c.split(' ')|join('-') }}", "{{ c * 3 }}", "{{ c[0] ~ loop.index }}", "{% filter upper %}",
        "{% endfilter %}", "{{ c|replace('a', c)|list }}",
        "{{ range(5)|map('string')|join }}", "{{ 1 / 0 }}", "{% set ns = namespace(a=c) %}",
        "{% set ns.a = ns.a ~ ns.a %}", "{{ ns.a }}", "{% break %}",
        "{{ {'k': [c, none, 1.5, (c,)]} }}", "{{ c|int + 1 }}", "{{ c|title|center(20) }}",
        "{{ c|sort|unique|batch(2) }}", "{{ c is odd }}", "text\n",
    ];

    [Fact]
    public void Random_fragments_never_fail_but_with_a_template_exception() => Check(Gen.Elements(Fragments), 3000);

    [Fact]
    public void Random_sequences_of_tags_never_fail_but_with_a_template_exception() => Check(Gen.Elements(Whole), 3000);

    [Fact]
    public void Random_texts_never_fail_but_with_a_template_exception() =>
        Check(Gen.Choose(0, 0xFFFF).Select(value => ((char)value).ToString()), 500);

    [Fact]
    public void Rendered_user_text_is_never_template_text() =>
        Prop.ForAll(Texts().ToArbitrary(), text =>
        {
            // The template's own words are lower case letters only; user text here has none.
            var content = new string([.. text.Where(character => !char.IsLower(character))]);
            const string Source = "{% set c = messages[0].content %}start{{ c }}mid{{ c|trim|replace('X', 'y') }}{{ [c] | join('j') }}";
            var template = ChatTemplate.Parse(Source, "trace");
            var segments = template.Render(new ChatPrompt([new ChatTurn("user", [new TextPart(content)])]), new ChatTemplateVariables());
            return segments.Where(segment => segment.Kind == PromptSegmentKind.Template).All(segment => segment.Text.All(char.IsLower));
        }).QuickCheckThrowOnFailure();

    private static void Check(Gen<string> fragment, int runs)
    {
        var sources = fragment.ListOf().Select(string.Concat);
        Prop.ForAll(sources.ToArbitrary(), Texts().ToArbitrary(), (source, text) =>
        {
            try
            {
                var template = ChatTemplate.Parse("{%- set c = messages[0].content -%}" + source, "fuzz");
                var segments = template.Render(new ChatPrompt([new ChatTurn("user", [new TextPart(text)])]), new ChatTemplateVariables());
                return segments.All(segment => segment.Text.Length > 0 && segment.Kind != PromptSegmentKind.Tokens);
            }
            catch (ChatTemplateException)
            {
                return true;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(runs).WithEndSize(60));
    }

    private static Gen<string> Texts() =>
        Gen.OneOf(
            Gen.Choose(0, 0x7F).Select(value => ((char)value).ToString()),
            Gen.Choose(0, 0xFFFF).Select(value => ((char)value).ToString()),
            Gen.Elements("😀", "{{ c }}", "<eos>", "X", " ", "\n")).ListOf().Select(string.Concat);
}
