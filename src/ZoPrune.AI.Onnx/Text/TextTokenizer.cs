using System.Text;
using ZoPrune.AI.Onnx.Text.Tokenizers;

namespace ZoPrune.AI.Onnx.Text;

/// <summary>The tokenizer of a model folder: prompt segments to token ids and back.</summary>
/// <remarks>
/// Gives the ids of ONNX Runtime GenAI or of Hugging Face's <c>tokenizers</c>, as the dialect says; they differ in a few points (Unicode
/// normalisation, chunked SentencePiece merging). Added tokens are matched in template text only, the longest one at each position; those
/// that are nothing but whitespace carry no control meaning and are matched everywhere. What lies between two matches is tokenised as one
/// stretch across the borders of segments. A run of tokens ends a stretch like the added token of its id. Own code, because
/// Microsoft.ML.Tokenizers has neither the two dialects nor a way to keep control tokens out of user text. Immutable and thread-safe.
/// </remarks>
public sealed class TextTokenizer
{
    private readonly TextEncoder _encoder;
    private readonly TokenDecoder _decoder;
    private readonly TokenVocabulary _vocabulary;
    private readonly HashSet<int> _controls;

    internal TextTokenizer(TextEncoder encoder, TokenDecoder decoder, TokenVocabulary vocabulary, TokenizerSettings settings)
    {
        _encoder = encoder;
        _decoder = decoder;
        _vocabulary = vocabulary;
        BosToken = settings.BosToken;
        EosToken = settings.EosToken;
        PadToken = settings.PadToken;
        UnknownToken = settings.UnknownToken;
        string?[] controls = [BosToken, EosToken, PadToken, UnknownToken];
        _controls = [.. controls.OfType<string>().Select(IdOf).OfType<int>()];
    }

    /// <summary>The <c>bos_token</c> of <c>tokenizer_config.json</c>.</summary>
    public string? BosToken { get; }

    /// <summary>The <c>eos_token</c> of <c>tokenizer_config.json</c>.</summary>
    public string? EosToken { get; }

    /// <summary>The <c>pad_token</c> of <c>tokenizer_config.json</c>.</summary>
    public string? PadToken { get; }

    /// <summary>The <c>unk_token</c> of <c>tokenizer_config.json</c>.</summary>
    public string? UnknownToken { get; }

    /// <summary>One more than the largest token id.</summary>
    public int VocabularySize => _vocabulary.Size;

    /// <summary>Reads <c>tokenizer.json</c> and <c>tokenizer_config.json</c> of a folder.</summary>
    /// <param name="folder">The model folder.</param>
    /// <exception cref="TokenizerFormatException">A file is missing or malformed.</exception>
    /// <exception cref="NotSupportedException">The tokenizer is of a kind that is not supported; the message names it.</exception>
    public static TextTokenizer Load(string folder) => Load(folder, TokenizerDialect.GenAI);

    /// <summary>Reads <c>tokenizer.json</c> and <c>tokenizer_config.json</c> of a folder.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="dialect">Whose ids are wanted.</param>
    /// <exception cref="TokenizerFormatException">A file is missing or malformed.</exception>
    /// <exception cref="NotSupportedException">The tokenizer is of a kind that is not supported; the message names it.</exception>
    public static TextTokenizer Load(string folder, TokenizerDialect dialect)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return TokenizerReader.Read(folder, dialect);
    }

    /// <summary>Encodes a rendered prompt; no BOS or EOS is added.</summary>
    /// <param name="segments">The segments, in order. Unpaired surrogates are encoded as U+FFFD.</param>
    /// <returns>The ids, and where each run of tokens begins in them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="segments"/> is null.</exception>
    public EncodedText Encode(IReadOnlyList<PromptSegment> segments) => Encode(segments, addSpecialTokens: false);

    /// <summary>Encodes a rendered prompt.</summary>
    /// <param name="segments">The segments, in order. Unpaired surrogates are encoded as U+FFFD.</param>
    /// <param name="addSpecialTokens">Whether the file's post-processor puts its BOS and EOS around the prompt. Hugging Face's processors
    /// do so unless the rendered prompt begins with the BOS already; GenAI never does, and its dialect ignores this.</param>
    /// <returns>The ids, and where each run of tokens begins in them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="segments"/> is null.</exception>
    public EncodedText Encode(IReadOnlyList<PromptSegment> segments, bool addSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(segments);
        return _encoder.Encode(segments, addSpecialTokens);
    }

    /// <summary>The id of an added token or, failing that, of a vocabulary piece written exactly so; null if there is none.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="addedTokenOrPiece"/> is null.</exception>
    public int? IdOf(string addedTokenOrPiece)
    {
        ArgumentNullException.ThrowIfNull(addedTokenOrPiece);
        return _vocabulary.AddedIdOf(addedTokenOrPiece) ?? _vocabulary.IdOf(addedTokenOrPiece);
    }

    /// <summary>True if the id is an added token marked special; such tokens have no text.</summary>
    public bool IsSpecial(int id) => _vocabulary.AddedTokenOf(id) is { IsSpecial: true };

    /// <summary>Whether there is an added token of this content.</summary>
    internal bool HasAddedToken(string content) => AddedIdOf(content) is not null;

    /// <summary>The text of the ids. Special tokens are skipped, bytes that are not UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var detokenizer = CreateDetokenizer();
        var text = new StringBuilder();
        foreach (var id in ids)
        {
            text.Append(detokenizer.Append(id));
        }

        return text.Append(detokenizer.Flush()).ToString();
    }

    /// <summary>The id of an added token by its content; null if there is none.</summary>
    internal int? AddedIdOf(string content) => _vocabulary.AddedIdOf(content);

    /// <summary>
    /// The bytes that an ordinary token adds within a text; null for added tokens with a control meaning and ids without text.
    /// </summary>
    internal byte[]? TextBytesOf(int id)
    {
        var hasText = _vocabulary.IsOrdinary(id) && (_vocabulary.PieceOf(id) ?? _vocabulary.AddedTokenOf(id)?.Content) is { Length: > 0 };
        return hasText && !_controls.Contains(id) ? _decoder.BytesWithinText(id) : null;
    }

    /// <summary>Makes a detokenizer for one stream of ids.</summary>
    public StreamingDetokenizer CreateDetokenizer() => new(_decoder.Open());

    /// <summary>Makes a detokenizer for one stream of ids that shows some special tokens.</summary>
    /// <param name="visibleTokens">The contents of added tokens that are to have their content as text; others are passed over.</param>
    public StreamingDetokenizer CreateDetokenizer(IEnumerable<string> visibleTokens)
    {
        ArgumentNullException.ThrowIfNull(visibleTokens);
        var visible = new Dictionary<int, string>();
        foreach (var content in visibleTokens)
        {
            // Others have their text anyway.
            if (_vocabulary.AddedIdOf(content) is { } id && IsSpecial(id))
            {
                visible[id] = content;
            }
        }

        return new StreamingDetokenizer(_decoder.Open(), visible);
    }
}
