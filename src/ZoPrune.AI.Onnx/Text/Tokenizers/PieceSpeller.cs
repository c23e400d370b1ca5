namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Spells text in the smallest symbols of a vocabulary, the ones that merging starts from.</summary>
internal abstract class PieceSpeller
{
    /// <summary>Appends the ids of <paramref name="text"/>: one for the whole if <paramref name="whole"/> allows it, else its
    /// symbols.</summary>
    public abstract void Spell(ReadOnlySpan<char> text, bool whole, List<int> symbols);

    /// <summary>How many symbols the first character makes, and how many UTF-16 units it has.</summary>
    public abstract int SymbolCount(ReadOnlySpan<char> text, out int consumed);
}
