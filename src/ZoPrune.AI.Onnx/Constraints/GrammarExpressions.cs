using System.Runtime.CompilerServices;
using System.Text;

namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>
/// The expressions of one grammar, each different one kept once and known by a number, with their derivatives by bytes (Brzozowski, JACM
/// 11, 1964) and the number of tokens that finish them. Grows while a grammar is used; not thread-safe.
/// </summary>
/// <remarks>
/// What is left of a called expression is one state of a deterministic automaton, found when it is first reached. Counted repetitions cost
/// nothing before they are used.
/// </remarks>
internal sealed class GrammarExpressions
{
    public const int Never = 0;
    public const int Empty = 1;

    /// <summary>The cost of what the tokens cannot spell.</summary>
    public const int Endless = int.MaxValue / 4;

    private const int LargestChoice = 4096;

    private readonly TokenTable _tokens;
    private readonly List<GrammarExpression> _all = [];
    private readonly Dictionary<(ExpressionKind Kind, int A, int B, int Min, int Max), int> _known = [];
    private readonly Dictionary<ByteSet, int> _bytes = [];
    private readonly Dictionary<int[], int> _choices = new(IntSequenceComparer.Instance);
    private readonly Dictionary<GrammarNode, int> _imported = new(ReferenceEqualityComparer.Instance);
    private readonly byte[] _representatives;
    private readonly int[] _textCharacters;
    private readonly int _quote;

    public GrammarExpressions(GrammarNode root, TokenTable tokens)
    {
        _tokens = tokens;
        Add(new GrammarExpression { Kind = ExpressionKind.Never, Cost = Endless });
        Add(new GrammarExpression { Kind = ExpressionKind.Empty, IsNullable = true, Cost = 0 });
        Root = Import(root);
        _textCharacters = [Import(JsonText.Character), Import(JsonText.KeyCharacter)];
        _quote = Import(JsonText.Quote);
        (ClassOf, _representatives) = Classes(_bytes.Keys);
    }

    /// <summary>The whole grammar.</summary>
    public int Root { get; }

    public int Count => _all.Count;

    /// <summary>The class of each byte; bytes of a class are alike for all expressions.</summary>
    public byte[] ClassOf { get; }

    public int ClassCount => _representatives.Length;

    public bool IsNullable(int expression) => _all[expression].IsNullable;

    /// <summary>
    /// Whether this is the inside of a JSON string with nothing but limits on its length, up to its closing quote.
    /// </summary>
    /// <param name="expression">The expression.</param>
    /// <param name="least">How many characters it must have at least.</param>
    /// <param name="most">How many characters it can have at most.</param>
    public bool IsTextOfString(int expression, out int least, out int most)
    {
        (least, most) = (0, 0);
        var e = _all[expression];
        if (e.Kind != ExpressionKind.Concatenation || e.B != _quote)
        {
            return false;
        }

        var text = _all[e.A];
        if (_textCharacters.Contains(e.A))
        {
            (least, most) = (1, 1);
            return true;
        }

        (least, most) = (text.Min, text.Max);
        return text.Kind == ExpressionKind.Repetition && _textCharacters.Contains(text.A);
    }

    /// <summary>What is left behind a byte of a class.</summary>
    public int Derive(int expression, int byteClass)
    {
        var e = _all[expression];
        if (e.Derivatives is null)
        {
            e.Derivatives = new int[ClassCount];
            e.Derivatives.AsSpan().Fill(-1);
        }

        var known = e.Derivatives[byteClass];
        if (known < 0)
        {
            EnsureStack();
            e.Derivatives[byteClass] = known = e.Kind switch
            {
                ExpressionKind.Bytes => e.Bytes.Contains(_representatives[byteClass]) ? Empty : Never,
                ExpressionKind.Concatenation when IsNullable(e.A) =>
                    Choice([Concatenation(Derive(e.A, byteClass), e.B), Derive(e.B, byteClass)]),
                ExpressionKind.Concatenation => Concatenation(Derive(e.A, byteClass), e.B),
                ExpressionKind.Choice => Choice(e.Options.Select(option => Derive(option, byteClass))),
                ExpressionKind.Repetition => Concatenation(Derive(e.A, byteClass), OnceLess(e)),
                _ => Never,
            };
        }

        return known;
    }

    /// <summary>The calls that can come first.</summary>
    public (int Callee, int Behind)[] Calls(int expression)
    {
        var e = _all[expression];
        return e.Calls ??= e.Kind switch
        {
            ExpressionKind.Call => [(e.A, Empty)],
            _ => First(e, Calls),
        };
    }

    /// <summary>The tokens by id that can come first.</summary>
    public (int Id, int Behind)[] Tokens(int expression)
    {
        var e = _all[expression];
        return e.Tokens ??= e.Kind switch
        {
            ExpressionKind.Token => [(e.A, Empty)],
            _ => First(e, Tokens),
        };
    }

    /// <summary>How many tokens suffice for some text of the expression; <see cref="Endless"/> if none can be spelled.</summary>
    /// <remarks>
    /// Never grows along the tokens that it counts: behind the first of them, what is left costs at least one less. Runs of single bytes
    /// are cut into the fewest tokens; behind other parts the count begins anew, so tokens that reach across are a bonus.
    /// </remarks>
    public int Cost(int expression)
    {
        if (_all[expression].Cost >= 0)
        {
            return _all[expression].Cost;
        }

        // Concatenations are long; each tail of them is an expression, too.
        var chain = new List<GrammarExpression>();
        var next = expression;
        while (_all[next] is { Kind: ExpressionKind.Concatenation, Cost: < 0 } link)
        {
            chain.Add(link);
            next = link.B;
        }

        if (_all[next].Cost < 0)
        {
            var last = _all[next];
            last.Cost = last.Kind switch
            {
                ExpressionKind.Bytes => _tokens.HasSingleByte(last.Bytes) ? 1 : Endless,
                ExpressionKind.Choice => last.Options.Min(Cost),
                ExpressionKind.Repetition => last.Min == 0 ? 0 : (int)Math.Min(Endless, (long)Cost(last.A) * last.Min),
                ExpressionKind.Call => Cost(last.A),
                _ => 1,
            };
        }

        for (var i = chain.Count - 1; i >= 0; i--)
        {
            chain[i].Cost = CostOfLink(chain[i]);
        }

        return _all[expression].Cost;
    }

    private int CostOfLink(GrammarExpression link)
    {
        var best = Add(Cost(link.A), Cost(link.B));
        var single = _all[link.A].Bytes.Single;
        if (single < 0)
        {
            return best;
        }

        var trie = _tokens.All;
        var node = trie.Child(TokenTrie.Root, (byte)single);
        var rest = link.B;
        while (node >= 0 && _all[rest] is var next)
        {
            var head = next.Kind == ExpressionKind.Concatenation ? _all[next.A] : next;
            if (head.Kind != ExpressionKind.Bytes || head.Bytes.Single is not (>= 0 and var value))
            {
                break;
            }

            node = trie.Child(node, (byte)value);
            rest = next.Kind == ExpressionKind.Concatenation ? next.B : Empty;
            if (node >= 0 && !trie.TokensAt(node).IsEmpty)
            {
                best = Math.Min(best, Add(1, Cost(rest)));
            }
        }

        return best;
    }

    public static int Add(int x, int y) => Math.Min(Endless, x + y);

    private (int, int)[] First(GrammarExpression e, Func<int, (int Head, int Behind)[]> of)
    {
        EnsureStack();
        return e.Kind switch
        {
            ExpressionKind.Concatenation =>
                [.. of(e.A).Select(f => (f.Head, Concatenation(f.Behind, e.B))), .. IsNullable(e.A) ? of(e.B) : []],
            ExpressionKind.Choice => [.. e.Options.SelectMany(of).Distinct()],
            ExpressionKind.Repetition => [.. of(e.A).Select(f => (f.Head, Concatenation(f.Behind, OnceLess(e))))],
            _ => [],
        };
    }

    private static void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new NotSupportedException("The grammar nests too deep: too many optional parts in or behind one another.");
        }
    }

    private int OnceLess(GrammarExpression repetition) => Repetition(
        repetition.A, Math.Max(repetition.Min - 1, 0), repetition.Max == int.MaxValue ? int.MaxValue : repetition.Max - 1);

    /// <summary>Without recursion: grammars can be deep.</summary>
    private int Import(GrammarNode root)
    {
        var open = new Stack<GrammarNode>([root]);
        while (open.TryPeek(out var node))
        {
            if (_imported.ContainsKey(node))
            {
                open.Pop();
                continue;
            }

            var count = open.Count;
            foreach (var part in PartsOf(node))
            {
                if (!_imported.ContainsKey(part))
                {
                    open.Push(part);
                }
            }

            if (open.Count == count)
            {
                open.Pop();
                var number = Create(node);
                _imported[node] = number;

                // So that what is larger need not go deep for it.
                Cost(number);
            }
        }

        return _imported[root];
    }

    private static ReadOnlySpan<GrammarNode> PartsOf(GrammarNode node) => node switch
    {
        SequenceNode sequence => sequence.Items,
        ChoiceNode choice => choice.Options,
        RepetitionNode repetition => new GrammarNode[] { repetition.Item },
        RuleNode rule => new GrammarNode[] { rule.Body },
        _ => [],
    };

    private int Create(GrammarNode node) => node switch
    {
        BytesNode bytes => Bytes(bytes.Bytes),
        SequenceNode sequence => sequence.Items.Reverse().Aggregate(Empty, (rest, item) => Concatenation(_imported[item], rest)),
        ChoiceNode choice => Choice(choice.Options.Select(option => _imported[option])),
        RepetitionNode repetition => Repetition(_imported[repetition.Item], repetition.Min, repetition.Max ?? int.MaxValue),
        RuleNode rule => Call(_imported[rule.Body]),
        AddedTokenNode token when _tokens.AddedIdOf(token.Content) is { } id => Intern(ExpressionKind.Token, id, 0, isNullable: false),
        AddedTokenNode token => Import(GrammarNode.Literal(token.Content)),
        _ => throw new InvalidOperationException($"There is no expression for {node.GetType().Name}."),
    };

    private int Bytes(ByteSet bytes)
    {
        if (bytes.IsEmpty)
        {
            return Never;
        }

        if (!_bytes.TryGetValue(bytes, out var number))
        {
            _bytes[bytes] = number = Add(new GrammarExpression { Kind = ExpressionKind.Bytes, Bytes = bytes });
        }

        return number;
    }

    private int Concatenation(int a, int b)
    {
        if (a == Never || b == Never)
        {
            return Never;
        }

        if (a == Empty)
        {
            return b;
        }

        if (b == Empty)
        {
            return a;
        }

        if (_all[a].Kind != ExpressionKind.Concatenation)
        {
            return Link(a, b);
        }

        // From the right, so that the first part is never a concatenation.
        var parts = new List<int>();
        while (_all[a].Kind == ExpressionKind.Concatenation)
        {
            parts.Add(_all[a].A);
            a = _all[a].B;
        }

        parts.Add(a);
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            b = Link(parts[i], b);
        }

        return b;
    }

    private int Link(int a, int b) => Intern(ExpressionKind.Concatenation, a, b, isNullable: IsNullable(a) && IsNullable(b));

    private int Choice(IEnumerable<int> options)
    {
        var all = new List<int>();
        foreach (var option in options)
        {
            if (_all[option].Kind == ExpressionKind.Choice)
            {
                all.AddRange(_all[option].Options);
            }
            else if (option != Never)
            {
                all.Add(option);
            }
        }

        all.Sort();
        var count = 0;
        for (var i = 0; i < all.Count; i++)
        {
            if (count == 0 || all[count - 1] != all[i])
            {
                all[count++] = all[i];
            }
        }

        all.RemoveRange(count, all.Count - count);
        if (count < 2)
        {
            return count == 0 ? Never : all[0];
        }

        if (count > LargestChoice)
        {
            throw new NotSupportedException(
                $"The grammar is too ambiguous: there are more than {LargestChoice} alternatives at one place of a text.");
        }

        int[] key = [.. all];
        if (!_choices.TryGetValue(key, out var number))
        {
            _choices[key] = number = Add(new GrammarExpression
            {
                Kind = ExpressionKind.Choice,
                Options = key,
                IsNullable = Array.Exists(key, IsNullable),
            });
        }

        return number;
    }

    private int Repetition(int item, int min, int max)
    {
        if (max == 0 || item == Empty)
        {
            return Empty;
        }

        if (item == Never)
        {
            return min == 0 ? Empty : Never;
        }

        return (min, max) == (1, 1) ? item : Intern(ExpressionKind.Repetition, item, 0, min == 0 || IsNullable(item), min, max);
    }

    private int Call(int callee) => callee is Never or Empty ? callee : Intern(ExpressionKind.Call, callee, 0, isNullable: false);

    private int Intern(ExpressionKind kind, int a, int b, bool isNullable, int min = 0, int max = 0)
    {
        var key = (kind, a, b, min, max);
        if (!_known.TryGetValue(key, out var number))
        {
            _known[key] = number = Add(
                new GrammarExpression { Kind = kind, A = a, B = b, Min = min, Max = max, IsNullable = isNullable });
        }

        return number;
    }

    private int Add(GrammarExpression expression)
    {
        _all.Add(expression);
        return _all.Count - 1;
    }

    private static (byte[] ClassOf, byte[] Representatives) Classes(IEnumerable<ByteSet> sets)
    {
        ByteSet[] all = [.. sets];
        var known = new Dictionary<string, byte>(StringComparer.Ordinal);
        var classOf = new byte[256];
        var representatives = new List<byte>();
        var signature = new StringBuilder();
        for (var value = 0; value < 256; value++)
        {
            signature.Clear();
            foreach (var set in all)
            {
                signature.Append(set.Contains((byte)value) ? '1' : '0');
            }

            var key = signature.ToString();
            if (!known.TryGetValue(key, out var number))
            {
                known[key] = number = (byte)representatives.Count;
                representatives.Add((byte)value);
            }

            classOf[value] = number;
        }

        return (classOf, [.. representatives]);
    }
}
