using System.Text;
using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Tests.Constraints;

/// <summary>A vocabulary made for a test: all single bytes and some longer tokens.</summary>
internal sealed class ByteTokens
{
    /// <summary>Ends an answer.</summary>
    public const int End = 300;

    /// <summary>An added token, <c>&lt;call&gt;</c>.</summary>
    public const int Call = 301;

    private readonly GrammarCompiler _compiler;

    /// <param name="longer">Longer tokens; from id 256 on, but not 300 and 301.</param>
    public ByteTokens(params string[] longer)
        : this([.. longer.Select(Encoding.UTF8.GetBytes)])
    {
    }

    public ByteTokens(byte[][] longer)
    {
        Bytes = new byte[]?[Math.Max(304, 302 + longer.Length)];
        for (var i = 0; i < 256; i++)
        {
            Bytes[i] = [(byte)i];
        }

        var id = 256;
        foreach (var token in longer)
        {
            id = id == End ? 302 : id;
            Bytes[id++] = token;
        }

        var table = new TokenTable([.. Bytes], content => content == "<call>" ? Call : null, [End]);
        _compiler = new GrammarCompiler(() => table);
    }

    public byte[]?[] Bytes { get; }

    public TokenConstraint Constrain(TextGrammar grammar) => _compiler.CreateConstraint(grammar);

    /// <summary>The ids that may come next.</summary>
    public HashSet<int> Allowed(TokenConstraint constraint, int remaining = int.MaxValue)
    {
        var logits = new float[Bytes.Length + 3];
        constraint.Apply(logits, remaining);
        return [.. Enumerable.Range(0, logits.Length).Where(id => !float.IsNegativeInfinity(logits[id]))];
    }

    /// <summary>Whether a grammar allows exactly this text, byte by byte.</summary>
    public static bool Accepts(TextGrammar grammar, string text) => new ByteTokens().Allows(grammar, text);

    /// <summary>Whether a grammar allows exactly this text, byte by byte.</summary>
    public bool Allows(TextGrammar grammar, string text)
    {
        var constraint = Constrain(grammar);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            try
            {
                constraint.Accept(value);
            }
            catch (ArgumentException)
            {
                return false;
            }
        }

        return constraint.MayEnd;
    }
}
