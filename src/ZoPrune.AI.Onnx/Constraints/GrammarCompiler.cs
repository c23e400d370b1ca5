using System.Runtime.CompilerServices;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>Binds grammars to the tokens of one model and keeps what it worked out as long as the grammar lives. Thread-safe.</summary>
internal sealed class GrammarCompiler
{
    private readonly Lazy<TokenTable> _tokens;
    private readonly ConditionalWeakTable<TextGrammar, GrammarAutomaton> _automata = [];

    public GrammarCompiler(TextTokenizer tokenizer, IReadOnlyList<int> ends)
        : this(() => TokenTable.Create(tokenizer, ends))
    {
    }

    public GrammarCompiler(Func<TokenTable> tokens)
    {
        _tokens = new Lazy<TokenTable>(tokens);
    }

    /// <exception cref="NotSupportedException">The tokens cannot spell any text of the grammar.</exception>
    public TokenConstraint CreateConstraint(TextGrammar grammar)
    {
        var tokens = _tokens.Value;
        var automaton = _automata.GetOrAdd(grammar, static (made, tokens) => new GrammarAutomaton(made.Node, tokens), tokens);
        if (automaton.IsLarge)
        {
            automaton = new GrammarAutomaton(grammar.Node, tokens);
            _automata.AddOrUpdate(grammar, automaton);
        }

        return new TokenConstraint(automaton, tokens, grammar.HasOpenKeys);
    }
}
