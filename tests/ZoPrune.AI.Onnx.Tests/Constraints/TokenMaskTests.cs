using System.Text;
using System.Text.Json;
using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Tests.Constraints;

public sealed class TokenMaskTests
{
    private static readonly string[] Longer =
    [
        "{\"", "\":", "\": ", "\",\"", "\", \"", "\"}", "\"}]", "}]", "[{", "[[", "]]", "},", "true", "false", "null", "ru", "12", "000", ".5", "-1", "1.",
        "name", "nam", "\"name", "\"name\":", "ab", "abc", "a\"", "\\n", "\\u00", "\\ud8", "\\", "é", "😀", "日本", "日本\"", "\"\"", "{}", "[]", "{\"a\":1}",
        ", ", ": ", "-2", "}}", "\"a\":", "\"a\":1,\"a\":", "value", "\"value\":", "2024-", "-02-2", "@", "the quick brown fox jumps over the lazy dog!",
        "null}", "null,", "\n", "\t", "<call>",
    ];

    [Fact]
    public void Answers_at_the_same_time_have_the_masks_that_they_have_alone()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var grammar = TextGrammar.JsonSchema(RandomSchemas.Create(seed));
            var shared = new ByteTokens(Longer);
            var together = new List<string>[8];
            Parallel.For(0, together.Length, i => together[i] = Masks(shared, grammar, i / 2));
            for (var i = 0; i < together.Length; i++)
            {
                Assert.Equal(Masks(new ByteTokens(Longer), grammar, i / 2), together[i]);
            }
        }

        static List<string> Masks(ByteTokens tokens, TextGrammar grammar, int seed)
        {
            var constraint = tokens.Constrain(grammar);
            var random = new Random(seed);
            var masks = new List<string>();
            for (var remaining = constraint.TokensToEnd + 20; !constraint.IsComplete && remaining > 0; remaining--)
            {
                var allowed = tokens.Allowed(constraint, remaining).Order().ToArray();
                masks.Add(string.Join(' ', allowed));
                var next = allowed[random.Next(allowed.Length)];
                if (next == ByteTokens.End)
                {
                    break;
                }

                constraint.Accept(next);
            }

            return masks;
        }
    }

    /// <summary>What bytes alone say, one after the other, decides for each token; also for parts of characters.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(150)]
    public void A_mask_holds_the_tokens_whose_bytes_can_be_read(int first)
    {
        byte[][] longer = [.. Longer.Select(Encoding.UTF8.GetBytes), [0xE6, 0x97], [0x97, 0xA5], [0x98, 0x80, (byte)'"'], [0xF0, 0x9F]];
        for (var seed = first; seed < first + 50; seed++)
        {
            var grammar = TextGrammar.JsonSchema(RandomSchemas.Create(seed));
            var tokens = new ByteTokens(longer);
            var bytes = new ByteTokens();
            var constraint = tokens.Constrain(grammar);
            var random = new Random(seed);
            var text = new List<byte>();
            for (var step = 0; step < 25 && !constraint.IsComplete; step++)
            {
                var allowed = tokens.Allowed(constraint);
                Assert.Equal(constraint.MayEnd, allowed.Contains(ByteTokens.End));
                for (var id = 0; id < tokens.Bytes.Length; id++)
                {
                    if (id != ByteTokens.End && (id > 255 || allowed.Contains(id) || id % 7 == step % 7))
                    {
                        var expected = tokens.Bytes[id] is { } token && CanRead(bytes, grammar, [.. text, .. token]);
                        Assert.True(
                            expected == allowed.Contains(id),
                            $"seed {seed}, behind '{Encoding.UTF8.GetString([.. text])}': token {id} should be {(expected ? "allowed" : "refused")}");
                    }
                }

                Assert.DoesNotContain(allowed, id => id >= tokens.Bytes.Length);
                var choices = allowed.Where(id => id != ByteTokens.End).Order().ToArray();

                // Tokens of several bytes, where there are some, lead further.
                var long_ = choices.Where(id => id > 255).ToArray();
                var next = long_.Length > 0 && step % 2 == 0 ? long_[random.Next(long_.Length)] : choices[random.Next(choices.Length)];
                constraint.Accept(next);
                text.AddRange(tokens.Bytes[next]!);
            }
        }
    }

    [Fact]
    public void A_token_by_id_is_no_text_and_text_is_no_token_by_id()
    {
        var tokens = new ByteTokens("<call>", "<call>x");
        var call = TextGrammar.Sequence(TextGrammar.Literal("a"), TextGrammar.Token("<call>"), TextGrammar.Literal("x"));
        var constraint = tokens.Constrain(call);
        constraint.Accept('a');
        Assert.Equal([ByteTokens.Call], tokens.Allowed(constraint));
        Assert.Throws<ArgumentException>(() => constraint.Accept(256));
        constraint.Accept(ByteTokens.Call);
        Assert.Equal(['x'], tokens.Allowed(constraint).Select(id => (char)id));
        constraint.Accept('x');
        Assert.True(constraint.IsComplete);
        Assert.Equal([ByteTokens.End], tokens.Allowed(constraint));

        var text = tokens.Constrain(TextGrammar.Literal("<call>"));
        Assert.Equal(['<', 256], tokens.Allowed(text).Order());
    }

    [Fact]
    public void An_added_token_that_the_tokenizer_lacks_is_its_text()
    {
        Assert.True(ByteTokens.Accepts(TextGrammar.Token("<other>"), "<other>"));
        Assert.False(ByteTokens.Accepts(TextGrammar.Token("<call>"), "<call>"));
    }

    [Fact]
    public void A_choice_of_a_token_and_text_allows_both()
    {
        var tokens = new ByteTokens();
        var constraint = tokens.Constrain(TextGrammar.AnyOf(TextGrammar.Token("<call>"), TextGrammar.Repeat(TextGrammar.Literal("ab"), 1, 2)));
        Assert.Equal(['a', ByteTokens.Call], tokens.Allowed(constraint).Order());
        foreach (var c in "ab")
        {
            constraint.Accept(c);
        }

        Assert.True(constraint.MayEnd);
        Assert.False(constraint.IsComplete);
        Assert.Equal(['a', ByteTokens.End], tokens.Allowed(constraint).Order());
        constraint.Accept(ByteTokens.End);
        Assert.True(constraint.MayEnd);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(303)]
    [InlineData(ByteTokens.End)]
    [InlineData(ByteTokens.Call)]
    [InlineData(1_000_000)]
    public void Ids_that_may_not_come_are_an_error(int id)
    {
        var constraint = new ByteTokens().Constrain(TextGrammar.Json());
        Assert.Throws<ArgumentException>(() => constraint.Accept(id));
    }

    [Fact]
    public void Logits_may_be_more_or_fewer_than_tokens()
    {
        var constraint = new ByteTokens().Constrain(TextGrammar.Json());
        var few = new float['{' + 1];
        constraint.Apply(few, 10);
        Assert.Equal('{', Array.FindIndex(few, logit => logit == 0));

        var many = new float[1000];
        constraint.Apply(many, 10);
        Assert.Single(many, logit => logit == 0);
    }

    [Fact]
    public void A_model_that_rules_out_all_that_is_allowed_is_not_asked()
    {
        var logits = new float[304];
        logits['{'] = float.NegativeInfinity;
        new ByteTokens().Constrain(TextGrammar.Json()).Apply(logits, 10);
        Assert.Equal(float.MinValue, logits['{']);
        Assert.Equal(float.NegativeInfinity, logits['x']);
    }

    [Fact]
    public void A_grammar_that_the_tokens_cannot_spell_is_refused()
    {
        var bytes = new byte[]?[10];
        bytes[3] = "{"u8.ToArray();
        var compiler = new GrammarCompiler(() => new TokenTable(bytes, _ => null, [9]));
        Assert.Throws<NotSupportedException>(() => compiler.CreateConstraint(TextGrammar.Json()));
    }

    [Fact]
    public void Where_bytes_are_missing_whole_characters_do()
    {
        var bytes = new byte[]?[10];
        bytes[0] = "é"u8.ToArray();
        bytes[1] = "x"u8.ToArray();
        bytes[2] = [0xC3];
        bytes[3] = "xé"u8.ToArray();
        var compiler = new GrammarCompiler(() => new TokenTable(bytes, _ => null, [9]));
        var constraint = compiler.CreateConstraint(TextGrammar.Literal("xéé"));
        Assert.Equal(2, constraint.TokensToEnd);
        constraint.Accept(1);
        var logits = new float[10];
        constraint.Apply(logits, 2);
        Assert.Equal(0, Assert.Single(Enumerable.Range(0, 10), id => logits[id] == 0));
    }

    private static bool CanRead(ByteTokens bytes, TextGrammar grammar, IEnumerable<byte> text)
    {
        var constraint = bytes.Constrain(grammar);
        var scan = new KeyTracker();
        foreach (var value in text)
        {
            try
            {
                constraint.Accept(value);
            }
            catch (ArgumentException)
            {
                return false;
            }

            scan = scan.Read([value], out var repeats);
            if (repeats)
            {
                return false;
            }
        }

        return true;
    }
}
