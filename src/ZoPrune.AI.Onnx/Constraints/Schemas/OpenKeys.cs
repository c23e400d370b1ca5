using System.Text;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>Keys of the model's own choice.</summary>
internal static class OpenKeys
{
    private static readonly GrammarNode Rest = GrammarNode.Sequence(
        GrammarNode.Repeat(JsonText.KeyCharacter, 0, null), JsonText.Quote);

    /// <summary>Any key but some.</summary>
    public static GrammarNode Except(IEnumerable<string> names)
    {
        var root = new Branch();
        foreach (var name in names)
        {
            var branch = root;
            foreach (var rune in name.EnumerateRunes())
            {
                if (!branch.Children.TryGetValue(rune.Value, out var child))
                {
                    branch.Children[rune.Value] = child = new Branch();
                }

                branch = child;
            }

            branch.IsName = true;
        }

        return GrammarNode.Rule(GrammarNode.Sequence(JsonText.Quote, Behind(root)));
    }

    private static GrammarNode Behind(Branch branch)
    {
        if (branch.Children.Count == 0)
        {
            // Behind a whole name at least one more character must come.
            return branch.IsName ? GrammarNode.Sequence(JsonText.KeyCharacter, Rest) : Rest;
        }

        var options = new List<GrammarNode>();
        if (!branch.IsName)
        {
            options.Add(JsonText.Quote);
        }

        foreach (var (character, child) in branch.Children)
        {
            options.Add(GrammarNode.Sequence(
                GrammarNode.Literal(JsonLiteral.Escape(new Rune(character).ToString())), Behind(child)));
        }

        options.Add(GrammarNode.Sequence(Others(branch.Children.Keys), Rest));
        return GrammarNode.AnyOf(options);
    }

    private static GrammarNode Others(IEnumerable<int> characters)
    {
        var taken = characters.Order().ToArray();
        var ranges = new List<(int, int)>();
        var next = (int)' ';
        foreach (var character in taken.Concat(['"', '\\']).Distinct().Order().Where(c => c >= ' '))
        {
            if (character > next)
            {
                ranges.Add((next, character - 1));
            }

            next = character + 1;
        }

        ranges.Add((next, 0x10FFFF));
        var escapes = "\"\\\b\f\n\r\t".Where(c => !taken.Contains(c)).Select(c => GrammarNode.Literal(JsonLiteral.Escape(c)));
        return GrammarNode.AnyOf([Utf8Class.Of(ranges), .. escapes]);
    }

    private sealed class Branch
    {
        public Dictionary<int, Branch> Children { get; } = [];

        public bool IsName { get; set; }
    }
}
