using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// What the embedding graph and the decoder graph take and give, checked against each other; no session is needed to know it.
/// </summary>
internal sealed class LanguagePlan
{
    private string[]? _decoderInputNames;
    private string[]? _decoderOutputNames;

    public LanguagePlan(ModelFolder folder, OnnxGraph embedding, OnnxGraph decoder, int placeholderId)
    {
        Folder = folder;
        PlaceholderId = placeholderId;
        Logits = decoder.Output(folder.Decoder.Output("logits"));
        if (!Floats.IsFloat(Logits.ElementType))
        {
            throw new ModelFolderException(decoder.File, $"the output {Logits} should be of a float type.");
        }

        Vocabulary = (Logits is { Rank: 3 } ? Logits.Dimensions![2] : null) ?? folder.VocabSize
            ?? throw new ModelFolderException(folder.ConfigFile, "the size of the vocabulary is missing, and the decoder graph leaves it open.");
        CheckSizes(folder, decoder, Logits, Vocabulary);
        var layout = KeyValueLayout.Read(folder, decoder);
        Inputs = DecoderInputs.Read(folder, decoder, layout);
        Embedding = new EmbeddingPlan(folder, embedding, Inputs);
        Branches = DecoderBranches.Read(decoder);
        Decoder = decoder;
        Head = Inputs.AsksForLastRow || Logits is { Rank: 3, Dimensions: [_, not null, _] } ? null : OutputHead.Find(decoder, Logits);
        Layout = folder.Layout == ModelFolderLayout.GenAI || HasLogitsOfKnownShape ? layout : layout.ToReturned();
        IsFullPrecision = Layout.Layers.All(l => l.ElementType == TensorElementType.Float)
            && decoder.Initializers.All(i => i.ElementType is not (TensorElementType.Float16 or TensorElementType.BFloat16))
            && !decoder.Nodes.Any(n => n.OpType == "MatMulNBits");
    }

    /// <summary>The folder.</summary>
    public ModelFolder Folder { get; }

    /// <summary>The token that stands for a visual token in a prompt.</summary>
    public int PlaceholderId { get; }

    /// <summary>The decoder.</summary>
    public OnnxGraph Decoder { get; }

    /// <summary>What makes logits of all tokens where only one is read; <c>null</c> if it makes no more, or is not known.</summary>
    public OutputHead? Head { get; init; }

    /// <summary>The names of all that the decoder takes: <see cref="Inputs"/>, the rows of <see cref="Head"/>, the KV cache.</summary>
    public string[] DecoderInputNames => _decoderInputNames ??=
        [.. Inputs.Names, .. Head is null ? Array.Empty<string>() : [OutputHead.RowsInput], .. Layout.Layers.Select(l => l.Past)];

    /// <summary>The names of all that it gives: <see cref="Logits"/>, then the KV cache.</summary>
    public string[] DecoderOutputNames => _decoderOutputNames ??= [Logits.Name, .. Layout.Layers.Select(l => l.Present)];

    /// <summary>The decoder's output.</summary>
    public GraphValue Logits { get; }

    /// <summary>How many tokens there are to choose from.</summary>
    public long Vocabulary { get; }

    /// <summary>The KV cache.</summary>
    public KeyValueLayout Layout { get; }

    /// <summary>Whether the decoder makes the logits of one token, whatever the tokens of a run.</summary>
    public bool GivesOneRow => Inputs.AsksForLastRow || Logits is { Rank: 3, Dimensions: [_, 1, _] };

    /// <summary>The decoder's inputs beside the KV cache.</summary>
    public DecoderInputs Inputs { get; }

    /// <summary>What the decoder does differently by the length of the sequence.</summary>
    public DecoderBranches Branches { get; }

    /// <summary>Whether the decoder computes in float32 all the way: with half floats, or activations of 8 bits, rounding is seen.</summary>
    public bool IsFullPrecision { get; }

    /// <summary>The embedding graph.</summary>
    public EmbeddingPlan Embedding { get; }

    /// <summary>
    /// The token whose logits are read of those of one run: for GenAI's folders the last that is not padding (specification 2.7).
    /// </summary>
    /// <param name="ids">The tokens of the run.</param>
    public int ReadRow(ReadOnlySpan<int> ids) =>
        Math.Max(0, Folder.Layout == ModelFolderLayout.GenAI ? ids.LastIndexOfAnyExcept(Folder.PadTokenId) : ids.Length - 1);

    /// <summary>Throws for what cannot be a token of an answer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It lies outside the vocabulary.</exception>
    /// <exception cref="ArgumentException">It is the placeholder, and the embedding graph would look for a visual token.</exception>
    public void RequireToken(int tokenId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokenId);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(tokenId, Vocabulary);
        if (tokenId == PlaceholderId && Embedding.Features is not null)
        {
            throw new ArgumentException($"Token {tokenId} stands for a visual token; it cannot be part of an answer.", nameof(tokenId));
        }
    }

    /// <summary>
    /// Whether the graph itself says how large the logits are. Where the cache is written in place, all outputs are allocated beforehand,
    /// and one of another shape ends the run. GenAI's folders vouch for it; what config.json says elsewhere need not be the graph's size.
    /// </summary>
    private bool HasLogitsOfKnownShape => Logits is { Rank: 3, Dimensions: [_, _, not null] } && (GivesOneRow || Head is not null);

    private static void CheckSizes(ModelFolder folder, OnnxGraph decoder, GraphValue logits, long vocabulary)
    {
        if (vocabulary is <= 0 or > int.MaxValue)
        {
            throw new ModelFolderException(decoder.File, $"the output {logits} has a vocabulary of {vocabulary} tokens.");
        }

        // Checkpoints of Hugging Face pad their tables; GenAI demands that both agree.
        if (folder is { Layout: ModelFolderLayout.GenAI, VocabSize: { } configured } && configured != vocabulary)
        {
            throw new ModelFolderException(
                folder.ConfigFile, $"model.vocab_size is {configured}, but {Path.GetFileName(decoder.File)} has the output {logits}.");
        }

        foreach (var id in folder.EosTokenIds)
        {
            if (id < 0 || id >= vocabulary)
            {
                throw new ModelFolderException(folder.ConfigFile, $"eos_token_id {id} lies outside the vocabulary of {vocabulary} tokens.");
            }
        }
    }
}
