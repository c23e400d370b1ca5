using System.Text;
using System.Text.Json;
using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Onnx.Tests.Text.Tools;

/// <summary>Answers as models write them, by the examples of model cards and of vLLM's parser tests.</summary>
public class ToolCallParserTests
{
    private static readonly ToolDefinition[] Tools =
    [
        Define("get_weather", """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}}}"""),
        Define("add", """{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}}}"""),
        Define("now", """{"type":"object","properties":{}}"""),
    ];

    /// <summary>Format, answer, and what becomes of it: texts and calls, separated by "⏎".</summary>
    public static TheoryData<string, string, string> Answers => new()
    {
        // Qwen 2.5, Hermes 2 Pro.
        { "qwen", "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Köln\"}}\n</tool_call>", "get_weather{\"city\":\"Köln\"}" },
        {
            "qwen", "I look.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"a\"}}\n</tool_call>\n<tool_call>\n"
                + "{\"name\": \"now\", \"arguments\": {}}\n</tool_call>\n",
            "I look.⏎get_weather{\"city\":\"a\"}⏎now{}"
        },
        { "qwen", "<tool_call>{\"arguments\": {\"a\": 1.50, \"b\": -2e3}, \"name\": \"add\"}</tool_call> Done.", "add{\"a\":1.50,\"b\":-2e3}⏎Done." },
        { "qwen", "<tool_call>{\"name\": \"now\"}</tool_call>", "now{}" },
        { "qwen", "<tool_call>{\"name\": \"now\", \"arguments\": null}</tool_call>", "now{}" },
        { "qwen", "<tool_call>{\"name\": \"get_weather\", \"arguments\": \"{\\\"city\\\": \\\"x\\\"}\"}</tool_call>", "get_weather{\"city\":\"x\"}" },

        // A missing end, as models write and Hermes' parser takes.
        { "qwen", "<tool_call>{\"name\": \"now\", \"arguments\": {}}", "now{}" },
        { "qwen", "<tool_call>{\"name\": \"now\", \"arguments\": {}}<tool_call>{\"name\": \"now\", \"arguments\": {}}</tool_call>", "now{}⏎now{}" },

        // Markers and braces in strings, escapes, characters of two code units.
        {
            "qwen", """<tool_call>{"name": "get_weather", "arguments": {"city": "</tool_call> } ] \" \\ \ud83d\ude00 😀"}}</tool_call>""",
            """get_weather{"city":"</tool_call> } ] \" \\ 😀 😀"}"""
        },

        // Qwen 3 Coder and Qwen 3.5.
        {
            "qwen", "<tool_call>\n<function=get_weather>\n<parameter=city>\n12\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>",
            "get_weather{\"city\":\"12\",\"days\":2}"
        },
        { "qwen", "<tool_call><function=now></function></tool_call>ok", "now{}⏎ok" },
        { "qwen", "<tool_call>\n<function=unknown>\n</function>\n</tool_call>", "unknown{}" },
        { "qwen", "<tool_call>\n<function=a b>\n</function>\n</tool_call>", "<tool_call>\n<function=a b>\n</function>\n</tool_call>" },

        // What vLLM's parsers take as well: no marker, no end of a value, several in one marker, a brace too many.
        { "qwen", "I look. <function=now>\n</function>\n</tool_call>", "I look.⏎now{}" },
        {
            "qwen", "<tool_call>\n<function=get_weather>\n<parameter=city>\nRome\n<parameter=days>\n2\n</function>\n</tool_call>",
            "get_weather{\"city\":\"Rome\",\"days\":2}"
        },
        { "qwen", "<tool_call>\n<function=now>\n</function>\n<function=now>\n</function>\n</tool_call>!", "now{}⏎now{}⏎!" },
        { "qwen", "<tool_call>\n{\"name\": \"now\"}\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>", "now{}⏎now{}" },
        { "qwen", "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}}\n</tool_call>", "now{}" },
        { "qwen", "<tool_call>{\"name\": \"now\"}} and so on", "now{}⏎} and so on" },
        { "qwen", "<tool_call>{\"name\": \"now\"}\n{\"name\": \"no", "now{}⏎{\"name\": \"no" },
        { "qwen", "<tool_call>\n<function=now>\n<oops>", "<tool_call>\n<function=now>\n<oops>" },

        // What is no call is text, to the last character.
        { "qwen", "plain text, with {braces} and <tags>\n", "plain text, with {braces} and <tags>\n" },
        { "qwen", " <tool", " <tool" },
        { "qwen", "a <tool_call> b", "a <tool_call> b" },
        { "qwen", "<tool_call>{\"name\": \"unknown\", \"arguments\": {}}</tool_call>", "unknown{}" },
        { "qwen", "<tool_call>{\"name\": \"now\", \"arguments\": [1]}</tool_call>", "<tool_call>{\"name\": \"now\", \"arguments\": [1]}</tool_call>" },
        { "qwen", "<tool_call>{\"name\": \"now\", \"argum", "<tool_call>{\"name\": \"now\", \"argum" },
        { "qwen", "<tool_call>{\"name\": \"now\", \"name\": \"add\"}</tool_call>", "<tool_call>{\"name\": \"now\", \"name\": \"add\"}</tool_call>" },
        { "qwen", """<tool_call>{"name": "get_weather", "arguments": {"city": "\ud83d"}}</tool_call>""", """<tool_call>{"name": "get_weather", "arguments": {"city": "\ud83d"}}</tool_call>""" },
        { "qwen", "<tool_call>{]}</tool_call>\n<tool_call>{\"name\": \"now\"}</tool_call>", "<tool_call>{]}</tool_call>⏎now{}" },
        { "qwen", "  \n", "  \n" },

        // Mistral Nemo and Mistral 7B v0.3; version 11 of the tokenizer and later.
        { "mistral", "[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2}}]", "add{\"a\":1,\"b\":2}" },
        {
            "mistral", "[TOOL_CALLS][{\"name\": \"now\", \"arguments\": {}, \"id\": \"abc123XYZ\"}, {\"name\": \"add\", \"arguments\": {\"a\": 1}}]",
            "abc123XYZ:now{}⏎add{\"a\":1}"
        },
        { "mistral-args", "[TOOL_CALLS]get_weather[ARGS]{\"city\": \"San Francisco\"}", "get_weather{\"city\":\"San Francisco\"}" },
        { "mistral-args", "Sure.[TOOL_CALLS]add[CALL_ID]VvvODy9mT[ARGS]{\"a\": 3}[TOOL_CALLS]now[ARGS]{}", "Sure.⏎VvvODy9mT:add{\"a\":3}⏎now{}" },
        { "mistral-args", "[TOOL_CALLS]add{\"a\": 3.5, \"b\": 4}", "add{\"a\":3.5,\"b\":4}" },
        { "mistral-args", "[TOOL_CALLS][{\"name\": \"now\", \"arguments\": {}}]", "now{}" },
        { "mistral", "[TOOL_CALLS]now[ARGS]{}", "now{}" },
        { "mistral", "[TOOL_CALLS][{\"name\": \"now\"}, {\"name\": \"unknown\"}]", "now{}⏎unknown{}" },
        { "mistral", "[TOOL_CALLS][TOOL_CALLS]now[ARGS]{}", "[TOOL_CALLS]⏎now{}" },
        { "mistral", "[TOOL_CALLS]unknown[ARGS]{}", "unknown{}" },
        { "mistral", "[TOOL_CALLS] begins a call: {}", "[TOOL_CALLS] begins a call: {}" },
        { "mistral", "a [TOOL", "a [TOOL" },
        { "mistral", "[TOOL_CALLS]now\nand so on", "[TOOL_CALLS]now\nand so on" },

        // Phi-4.
        { "phi4", "<|tool_call|>[{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Köln\"}}]<|/tool_call|>", "get_weather{\"city\":\"Köln\"}" },
        { "phi4", "Ok <|tool_call|>[{\"name\": \"now\"}, {\"name\": \"add\", \"arguments\": {}}]<|/tool_call|> bye", "Ok⏎now{}⏎add{}⏎bye" },
        { "phi4", "<|tool_call|>{\"type\": \"function\", \"function\": {\"name\": \"now\", \"arguments\": {}}}", "now{}" },
        { "phi4", "functools[{\"name\": \"add\", \"arguments\": {\"a\": 1}}]", "add{\"a\":1}" },
        { "phi4", "functools[0] and functools.partial", "functools[0] and functools.partial" },
        { "phi4", "<|tool_call|>[]<|/tool_call|>", "<|tool_call|>[]<|/tool_call|>" },
        { "phi4", "<|tool_call|>now()<|/tool_call|>", "<|tool_call|>now()<|/tool_call|>" },

        // Gemma 4.
        { "gemma4", "<|tool_call>call:get_weather{city:<|\"|>Paris, {FR}<|\"|>,days:3}<tool_call|>", "get_weather{\"city\":\"Paris, {FR}\",\"days\":3}" },
        { "gemma4", "<|tool_call>call:now{}<tool_call|><|tool_call>call:add{a:1.5,b:-2}<tool_call|>", "now{}⏎add{\"a\":1.5,\"b\":-2}" },
        {
            "gemma4", "Look: <|tool_call>call:add{a:{x:[true,false,null],<|\"|>y z<|\"|>:<|\"|>\"}<|\"|>}}<tool_call|>!",
            "Look:⏎add{\"a\":{\"x\":[true,false,null],\"y z\":\"\\\"}\"}}⏎!"
        },
        { "gemma4", "<|tool_call>call:get_weather{\"city\": \"a \\\" } b\", \"days\": 2}<tool_call|>", "get_weather{\"city\":\"a \\\" } b\",\"days\":2}" },
        { "gemma4", "<|tool_call>call:now{}", "now{}" },
        { "gemma4", "<|tool_call>call:unknown{}<tool_call|>", "unknown{}" },
        {
            "gemma4", "<|tool_call>call:get_weather{city:New York,days:nil,x:,y:[a, 1],z:}<tool_call|>",
            "get_weather{\"city\":\"New York\",\"days\":null,\"x\":\"\",\"y\":[\"a\",1],\"z\":\"\"}"
        },
        { "gemma4", "<|tool_call>call:add{a:b<tool_call|> {}", "<|tool_call>call:add{a:b<tool_call|> {}" },
        { "gemma4", "<|tool_call>call:add{a:<|\"|>never ends", "<|tool_call>call:add{a:<|\"|>never ends" },
        { "gemma4", "<|tool_call>call now", "<|tool_call>call now" },

        // Llama 3.
        { "llama3", "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Köln\"}}", "get_weather{\"city\":\"Köln\"}" },
        { "llama3", "<|python_tag|>{\"name\": \"now\", \"parameters\": {}}", "now{}" },
        { "llama3", "<|python_tag|>{\"name\": \"unknown\", \"parameters\": {}}", "unknown{}" },
        { "llama3", "{\"name\": \"now\", \"parameters\": {}}; {\"name\": \"add\", \"arguments\": {\"a\": 1}}", "now{}⏎add{\"a\":1}" },
        { "llama3", "Here:\n  {\"type\": \"function\", \"name\": \"now\", \"parameters\": {}}\nDone", "Here:⏎now{}⏎Done" },
        { "llama3", "Write {\"name\": \"now\", \"parameters\": {}} to ask.", "Write {\"name\": \"now\", \"parameters\": {}} to ask." },
        { "llama3", "{\"name\": \"Anna\", \"parameters\": {}}", "{\"name\": \"Anna\", \"parameters\": {}}" },
        { "llama3", "{\"name\": \"now\"}", "{\"name\": \"now\"}" },
        { "llama3", "{\"x\": {\"name\": \"now\", \"parameters\": {}}}", "{\"x\": {\"name\": \"now\", \"parameters\": {}}}" },
        { "llama3", "<|python_tag|>brave_search.call(query=\"x\")", "<|python_tag|>brave_search.call(query=\"x\")" },
        { "llama3", "; {", "; {" },

        // Gemma 3, as Google's page asks for: plain, and in the fences that models put around it.
        { "json", "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Köln\"}}", "get_weather{\"city\":\"Köln\"}" },
        { "json", "[{\"name\": \"now\", \"parameters\": {}}, {\"name\": \"add\", \"parameters\": {\"a\": 1}}]", "now{}⏎add{\"a\":1}" },
        { "json", "```json\n{\"name\": \"now\", \"parameters\": {}}\n```", "now{}" },
        { "json", "Ok:\n```tool_code\n[{\"name\": \"now\", \"arguments\": {}}]\n```\nDone.", "Ok:⏎now{}⏎Done." },
        { "json", "```tool_call\n{\"name\": \"now\", \"parameters\": {}}\n{\"name\": \"add\", \"parameters\": {}}\n```", "now{}⏎add{}" },
        { "json", "```\n{\"name\": \"now\", \"parameters\": {}}", "now{}" },
        { "json", "```json\n{\"title\": {\"name\": \"now\", \"parameters\": {}}}\n```", "```json\n{\"title\": {\"name\": \"now\", \"parameters\": {}}}\n```" },
        { "json", "```python\nnow()\n```\n[1, 2] and {x}", "```python\nnow()\n```\n[1, 2] and {x}" },
        { "json", "```tool_code\nnow()\n```", "```tool_code\nnow()\n```" },
        { "json", "Example:\n```json\n{\"a\":1}\n```\n{\"name\":\"now\",\"parameters\":{}}", "Example:\n```json\n{\"a\":1}\n```⏎now{}" },
        {
            "json", "```yaml\n{\"name\": \"now\", \"parameters\": {}}\n```\nand\n{\"name\":\"now\",\"parameters\":{}}",
            "```yaml\n{\"name\": \"now\", \"parameters\": {}}\n```\nand⏎now{}"
        },
        { "json", "```\nx\n{\"name\": \"now\", \"parameters\": {}}", "```\nx\n{\"name\": \"now\", \"parameters\": {}}" },
        { "json", "```code``` and\n{\"name\":\"now\",\"parameters\":{}}", "```code``` and⏎now{}" },
        { "json", "`code`\n[\n{\n1", "`code`\n[\n{\n1" },
        { "json", "``", "``" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_is_taken_apart_the_same_wherever_it_is_cut(string format, string answer, string expected)
    {
        Assert.Equal(expected, Read(format, [answer]));
        for (var cut = 1; cut < answer.Length; cut++)
        {
            Assert.Equal(expected, Read(format, [answer[..cut], answer[cut..]]));
        }

        Assert.Equal(expected, Read(format, [.. answer.Select(c => c.ToString())]));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_that_breaks_off_loses_nothing_but_space_around_calls(string format, string answer, string expected)
    {
        Assert.Equal(expected, Read(format, [answer]));
        for (var end = 0; end < answer.Length; end++)
        {
            AssertNothingIsLost(format, answer[..end]);
        }
    }

    [Fact]
    public void A_long_call_is_read_in_time_that_grows_with_its_length_and_comes_whole()
    {
        // Whoever looks at all of it at each of 40,000 pieces reads 4 * 10^9 characters.
        var format = new CountingFormat(ToolCallFormats.Qwen);
        var parser = new ToolCallParser(format, Tools);
        var text = string.Concat(Enumerable.Repeat("a}] ", 50_000));
        var pieces = new List<ToolCallPiece>(parser.Append("<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \""));
        foreach (var part in text.Chunk(5))
        {
            pieces.AddRange(parser.Append(new string(part)));
        }

        pieces.AddRange([.. parser.Append("\"}}</tool_call>"), .. parser.Flush()]);
        Assert.Equal(text, Assert.Single(pieces).Call!.Arguments["city"]!.GetValue<string>());
        Assert.InRange(format.Characters, text.Length, 100L * text.Length);
    }

    /// <summary>Counts what a format looks at.</summary>
    private sealed class CountingFormat(ToolCallFormat inner) : ToolCallFormat
    {
        public long Characters { get; private set; }

        public override string Name => inner.Name;

        public override int FindStart(ReadOnlySpan<char> text, bool isLineStart) => inner.FindStart(text, isLineStart);

        public override ToolCallMatch Match(string text, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
        {
            Characters += text.Length;
            return inner.Match(text, tools, isEnd);
        }

        public override TextGrammar CreateGrammar(IReadOnlyList<ToolDefinition> tools, bool several) => inner.CreateGrammar(tools, several);
    }

    /// <summary>Texts stand in the answer in their order, and what is between them is the calls'; without calls they are the answer.</summary>
    private static void AssertNothingIsLost(string format, string answer)
    {
        var parser = new ToolCallParser(ToolCallFormats.Named(format), Tools);
        var texts = new List<string> { "" };
        foreach (var piece in (ToolCallPiece[])[.. parser.Append(answer), .. parser.Flush()])
        {
            texts[^1] += piece.Text;
            if (piece.Call is not null)
            {
                texts.Add("");
            }
        }

        if (texts.Count == 1)
        {
            Assert.Equal(answer, texts[0]);
            return;
        }

        Assert.StartsWith(texts[0], answer, StringComparison.Ordinal);
        Assert.EndsWith(texts[^1], answer.TrimEnd() + (texts[^1].Length > 0 ? answer[answer.TrimEnd().Length..] : ""), StringComparison.Ordinal);
        var at = 0;
        foreach (var text in texts)
        {
            var found = answer.IndexOf(text, at, StringComparison.Ordinal);
            Assert.True(found >= at, $"{format}: {answer}");
            at = found + text.Length;
        }
    }

    [Fact]
    public void Text_comes_at_once_and_a_call_as_soon_as_it_is_whole()
    {
        var parser = new ToolCallParser(ToolCallFormats.Qwen, Tools);
        Assert.Equal("I look", Assert.Single(parser.Append("I look ")).Text);
        Assert.Empty(parser.Append("<tool_call>{\"name\": \"now\""));
        Assert.Empty(parser.Append("}"));
        Assert.Equal("now", Assert.Single(parser.Append("</tool_call>")).Call!.Name);
        Assert.Empty(parser.Append("\n"));
        Assert.Empty(parser.Flush());
    }

    [Fact]
    public void Random_texts_out_of_the_pieces_of_all_formats_are_no_exception_and_depend_on_no_cut()
    {
        string[] pieces =
        [
            "<tool_call>", "</tool_call>", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "<|tool_call|>", "<|/tool_call|>", "<|tool_call>", "<tool_call|>",
            "<|\"|>", "<|python_tag|>", "```", "json\n", "tool_code", "call:", "now", "add", "{", "}", "[", "]", "\"", "\\", ":", ",", ";", "\n", " ",
            "\"name\": \"now\"", "\"arguments\": {}", "\"parameters\": {\"a\": 1}", "{\"name\": \"now\", \"parameters\": {}}", "<function=now>",
            "</function>", "<parameter=a>", "</parameter>", "1", "-", "é", "\ud83d", "\ude00", "\0", "null", "text",
        ];
        var random = new Random(20261128);
        for (var i = 0; i < 4000; i++)
        {
            var format = ToolCallFormats.All[i % ToolCallFormats.All.Count].Name;
            var answer = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => pieces[random.Next(pieces.Length)]));
            var whole = Read(format, [answer]);
            AssertNothingIsLost(format, answer);
            Assert.Equal(whole, Read(format, [.. answer.Select(c => c.ToString())]));
            var cut = random.Next(answer.Length);
            Assert.Equal(whole, Read(format, [answer[..cut], answer[cut..]]));
        }
    }

    [Fact]
    public void Deep_nesting_is_text()
    {
        var answer = "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": " + new string('[', 5000);
        Assert.Equal(answer, Read("qwen", [answer]));
        answer = "<|tool_call>call:add{a:" + new string('[', 5000);
        Assert.Equal(answer, Read("gemma4", [answer]));
    }

    [Fact]
    public void Names_of_formats_are_found_in_any_case_and_unknown_ones_refused()
    {
        Assert.Same(ToolCallFormats.MistralArguments, ToolCallFormats.Named("Mistral-Args"));
        Assert.Contains("llama3", Assert.Throws<ArgumentException>(() => ToolCallFormats.Named("llama")).Message, StringComparison.Ordinal);
    }

    internal static ToolDefinition Define(string name, string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return new ToolDefinition(name, "What it does.", document.RootElement.Clone());
    }

    private static string Read(string format, string[] answer)
    {
        var parser = new ToolCallParser(ToolCallFormats.Named(format), Tools);
        var result = new List<string>();
        var text = new StringBuilder();
        foreach (var piece in (ToolCallPiece[])[.. answer.SelectMany(a => parser.Append(a)), .. parser.Flush()])
        {
            if (piece.Call is not { } call)
            {
                text.Append(piece.Text);
                continue;
            }

            if (text.Length > 0)
            {
                result.Add(text.ToString());
                text.Clear();
            }

            result.Add((call.Id is null ? "" : call.Id + ":") + call.Name + call.Arguments.ToJsonString(JsonSettings));
        }

        // The encoder escapes characters of two code units.
        return string.Join('⏎', text.Length > 0 ? [.. result, text.ToString()] : result).Replace("\\uD83D\\uDE00", "😀", StringComparison.Ordinal);
    }

    private static readonly JsonSerializerOptions JsonSettings = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
