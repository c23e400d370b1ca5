namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>
/// A grammar bound to a model's tokens: a pushdown automaton over bytes whose states, stacks and masks are worked out when they are first
/// needed and kept. Thread-safe; what is known is read without a lock.
/// </summary>
/// <remarks>
/// The masks are kept as XGrammar (arXiv 2411.15100) keeps them: for the top of a stack, all tokens are looked at once; only those that
/// reach below it are looked at again for each stack.
/// </remarks>
internal sealed class GrammarAutomaton
{
    private const int End = 0;
    private const int Below = 1;
    private const long LargestMasks = 64 << 20;
    private const int LargestCount = 400_000;

    private readonly Lock _lock = new();
    private readonly TokenTable _tokens;
    private readonly GrammarExpressions _expressions;
    private readonly List<(int State, int Parent, int Cost)> _stacks = [(0, 0, 0), (0, 0, 0)];
    private readonly Dictionary<(int State, int Parent), int> _knownStacks = [];
    private readonly Dictionary<int[], Configuration> _configurations = new(IntSequenceComparer.Instance);
    private readonly Dictionary<int, StateMask> _stateMasks = [];
    private readonly List<Configuration> _masked = [];
    private readonly Dictionary<int, Configuration> _ofOneStack = [];
    private readonly List<int> _next = [];
    private readonly List<int> _closure = [];
    private readonly Configuration _dead;
    private readonly Configuration[] _path;
    private readonly ulong[] _bits;
    private long _maskBytes;

    /// <exception cref="NotSupportedException">The tokens cannot spell any text of the grammar.</exception>
    public GrammarAutomaton(GrammarNode grammar, TokenTable tokens)
    {
        _tokens = tokens;
        _expressions = new GrammarExpressions(grammar, tokens);
        _path = new Configuration[tokens.All.Depth + 1];
        _bits = new ulong[TokenSet.WordsFor(tokens.Size)];
        _dead = Create([]);
        Start = _expressions.Root == GrammarExpressions.Never ? _dead : Of(Push(_expressions.Root, End));
        if (Start.Cost >= GrammarExpressions.Endless)
        {
            throw new NotSupportedException(
                "No text satisfies the grammar: a part of it contains itself without end (a required property that refers back to its own schema), "
                + "or needs characters that no token of the model has.");
        }
    }

    public Configuration Start { get; }

    /// <summary>Whether it has become so large that a new one should take its place.</summary>
    public bool IsLarge
    {
        get
        {
            lock (_lock)
            {
                return _stacks.Count + _configurations.Count + _ofOneStack.Count + _expressions.Count > LargestCount;
            }
        }
    }

    /// <summary>The tokens that may come next.</summary>
    /// <param name="configuration">Where the text is.</param>
    /// <param name="remainingTokens">How many tokens may still come; at least the configuration's cost.</param>
    public TokenSet Allowed(Configuration configuration, int remainingTokens)
    {
        if (configuration.Mask is { } known && known.MostToEnd < remainingTokens)
        {
            return known.Tokens;
        }

        lock (_lock)
        {
            if (configuration.Mask is not { } mask)
            {
                mask = CreateMask(configuration);
                Keep(mask.Tokens);
                configuration.Mask = mask;
                _masked.Add(configuration);
            }

            return mask.MostToEnd < remainingTokens ? mask.Tokens : Within(configuration, remainingTokens - 1);
        }
    }

    /// <summary>Where the text is behind a token; <see langword="null"/> if it may not come.</summary>
    public Configuration? Accept(Configuration configuration, int tokenId)
    {
        if (_tokens.BytesOf(tokenId) is { } bytes)
        {
            foreach (var value in bytes)
            {
                var byteClass = _expressions.ClassOf[value];
                configuration = configuration.Next[byteClass] ?? FirstStep(configuration, byteClass);
            }
        }
        else
        {
            lock (_lock)
            {
                configuration = Of(Heads(configuration).Where(head => head.Id == tokenId).Select(head => head.Stack));
            }
        }

        return configuration.Cost < GrammarExpressions.Endless ? configuration : null;
    }

    private Configuration FirstStep(Configuration configuration, int byteClass)
    {
        lock (_lock)
        {
            return configuration.Next[byteClass] ??= Step(configuration, byteClass);
        }
    }

    private Configuration Step(Configuration configuration, int byteClass)
    {
        var stacks = _next;
        stacks.Clear();
        foreach (var stack in configuration.Closure)
        {
            if (stack > Below)
            {
                var (state, parent, _) = _stacks[stack];
                if (_expressions.Derive(state, byteClass) is not GrammarExpressions.Never and var rest
                    && Push(rest, parent) is var next
                    && !stacks.Contains(next))
                {
                    stacks.Add(next);
                }
            }
        }

        return stacks.Count switch
        {
            0 => _dead,
            1 => Of(stacks[0]),
            _ => Of(stacks),
        };
    }

    /// <summary>By far most configurations are one stack.</summary>
    private Configuration Of(int stack)
    {
        if (!_ofOneStack.TryGetValue(stack, out var configuration))
        {
            _ofOneStack[stack] = configuration = Create([stack]);
        }

        return configuration;
    }

    private Configuration Of(IEnumerable<int> stacks)
    {
        int[] key = [.. stacks.Distinct().Order()];
        if (key.Length < 2)
        {
            return key.Length == 0 ? _dead : Of(key[0]);
        }

        if (!_configurations.TryGetValue(key, out var configuration))
        {
            _configurations[key] = configuration = Create(key);
        }

        return configuration;
    }

    private Configuration Create(int[] stacks)
    {
        var closure = _closure;
        closure.Clear();
        closure.AddRange(stacks);
        for (var i = 0; i < closure.Count; i++)
        {
            if (closure[i] <= Below)
            {
                continue;
            }

            var (state, parent, _) = _stacks[closure[i]];
            if (_expressions.IsNullable(state))
            {
                Add(parent);
            }

            foreach (var (callee, rest) in _expressions.Calls(state))
            {
                Add(Push(callee, Push(rest, parent)));
            }
        }

        return new Configuration
        {
            Stacks = stacks,
            Closure = [.. closure],
            Next = new Configuration?[_expressions.ClassCount],
            Cost = stacks.Length == 0 ? GrammarExpressions.Endless : stacks.Min(stack => _stacks[stack].Cost),
            MayEnd = closure.Contains(End),
            IsExit = closure.Contains(Below),
            IsFinal = closure.TrueForAll(stack => stack <= Below),
        };

        void Add(int stack)
        {
            // Few: a search costs less than a set.
            if (!closure.Contains(stack))
            {
                closure.Add(stack);
            }
        }
    }

    private int Push(int state, int parent)
    {
        if (state == GrammarExpressions.Empty)
        {
            return parent;
        }

        if (!_knownStacks.TryGetValue((state, parent), out var stack))
        {
            stack = _stacks.Count;
            _stacks.Add((state, parent, GrammarExpressions.Add(_expressions.Cost(state), _stacks[parent].Cost)));
            _knownStacks[(state, parent)] = stack;
        }

        return stack;
    }

    private IEnumerable<(int Id, int Stack)> Heads(Configuration configuration) =>
        from stack in configuration.Closure
        where stack > Below
        let top = _stacks[stack]
        from head in _expressions.Tokens(top.State)
        select (head.Id, Push(head.Behind, top.Parent));

    private ConfigurationMask CreateMask(Configuration configuration)
    {
        // First, because making them uses the same bits.
        var tops = new List<(StateMask Mask, int Parent)>();
        foreach (var stack in configuration.Stacks)
        {
            if (stack > Below)
            {
                tops.Add((StateMaskOf(_stacks[stack].State), _stacks[stack].Parent));
            }
        }

        Array.Clear(_bits);
        var most = 0;
        foreach (var (mask, parent) in tops)
        {
            var costBelow = _stacks[parent].Cost;
            if (costBelow >= GrammarExpressions.Endless)
            {
                continue;
            }

            mask.Tokens.AddTo(_bits);
            most = Math.Max(most, mask.MostToEnd + costBelow);
            var below = mask.Exits.Length == 0 ? _dead : Of(parent);
            foreach (var node in mask.Exits)
            {
                most = Math.Max(most, Walk(mask.Trie, node, below, GrammarExpressions.Endless - 1, exits: null));
            }
        }

        most = Math.Max(most, AddHeadsAndEnds(configuration, GrammarExpressions.Endless - 1));
        return new ConfigurationMask(TokenSet.Of(_bits), most);
    }

    private StateMask StateMaskOf(int state)
    {
        if (_stateMasks.TryGetValue(state, out var known))
        {
            return known;
        }

        var start = Of(Push(state, Below));
        var exits = new List<int>();
        Array.Clear(_bits);
        var trie = _tokens.All;
        var most = 0;
        if (_expressions.IsTextOfString(state, out _, out var characters))
        {
            trie = _tokens.Special;
            _tokens.PlainUpTo(characters).CopyTo(_bits, 0);
            most = start.Cost;
        }

        if (start.IsExit)
        {
            exits.Add(TokenTrie.Root);
        }

        most = Math.Max(most, Walk(trie, TokenTrie.Root, start, GrammarExpressions.Endless - 1, exits));
        var mask = new StateMask(TokenSet.Of(_bits), most, trie, [.. exits]);
        Keep(mask.Tokens);
        _stateMasks[state] = mask;
        return mask;
    }

    /// <summary>The tokens behind which at most so many more suffice.</summary>
    private TokenSet Within(Configuration configuration, int budget)
    {
        Array.Clear(_bits);
        var trie = _tokens.All;
        if (configuration.Stacks is [> Below and var stack]
            && _expressions.IsTextOfString(_stacks[stack].State, out var least, out var characters)
            && (configuration.Cost <= budget || least == 0))
        {
            // More characters never cost more, and less only where some are still needed.
            trie = _tokens.Special;
            if (configuration.Cost <= budget)
            {
                _tokens.PlainUpTo(characters).CopyTo(_bits, 0);
            }
        }

        Walk(trie, TokenTrie.Root, configuration, budget, exits: null);
        AddHeadsAndEnds(configuration, budget);
        return TokenSet.Of(_bits);
    }

    /// <summary>Adds the tokens below a node that can be read.</summary>
    /// <param name="trie">The tokens.</param>
    /// <param name="node">The node.</param>
    /// <param name="start">Where the text is at the node.</param>
    /// <param name="budget">The most tokens that may be needed behind a token.</param>
    /// <param name="exits">Receives the nodes where what is looked at alone ends and longer tokens go on.</param>
    /// <returns>The most tokens that are needed behind one of the tokens that were added.</returns>
    private int Walk(TokenTrie trie, int node, Configuration start, int budget, List<int>? exits)
    {
        var bits = _bits;
        var labels = trie.Labels;
        var depths = trie.Depths;
        var ends = trie.Ends;
        var path = _path;
        var end = trie.EndOf(node);
        var most = 0;
        path[trie.DepthOf(node)] = start;
        var classOf = _expressions.ClassOf;
        for (var i = node + 1; i < end;)
        {
            var depth = depths[i];
            var before = path[depth - 1];
            var byteClass = classOf[labels[i]];
            var here = before.Next[byteClass] ??= Step(before, byteClass);
            if (ReferenceEquals(here, _dead))
            {
                i = ends[i];
                continue;
            }

            path[depth] = here;
            if (here.Cost <= budget)
            {
                foreach (var id in trie.TokensAt(i))
                {
                    bits[id >> 6] |= 1UL << (id & 63);
                    most = Math.Max(most, here.Cost);
                }
            }

            if (here.IsExit && exits is not null && trie.HasChildren(i))
            {
                exits.Add(i);
            }

            i = here.IsFinal ? ends[i] : i + 1;
        }

        return most;
    }

    private int AddHeadsAndEnds(Configuration configuration, int budget)
    {
        var most = 0;
        foreach (var (id, stack) in Heads(configuration).ToArray())
        {
            var cost = _stacks[stack].Cost;
            if (cost <= budget)
            {
                _bits[id >> 6] |= 1UL << (id & 63);
                most = Math.Max(most, cost);
            }
        }

        if (configuration.MayEnd)
        {
            foreach (var id in _tokens.Ends)
            {
                _bits[id >> 6] |= 1UL << (id & 63);
            }
        }

        return most;
    }

    private void Keep(TokenSet tokens)
    {
        _maskBytes += tokens.Bytes;
        if (_maskBytes > LargestMasks)
        {
            foreach (var configuration in _masked)
            {
                configuration.Mask = null;
            }

            _masked.Clear();
            _stateMasks.Clear();
            _maskBytes = tokens.Bytes;
        }
    }
}
