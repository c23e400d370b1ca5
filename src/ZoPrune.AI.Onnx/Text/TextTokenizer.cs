using System.Text;
using ZoPrune.AI.Onnx.Text.Tokenizers;

namespace ZoPrune.AI.Onnx.Text;

/// <summary>The tokenizer of a model folder: prompt segments to token ids and back.</summary>
/// <remarks>
/// Gives the ids of ONNX Runtime GenAI, which differ from Hugging Face's in a few points (no NFC, chunked SentencePiece merging). Added
/// tokens are matched in template text only, the longest one at each position; those that are nothing but whitespace carry no control
/// meaning and are matched everywhere. What lies between two matches is tokenised as one stretch across the borders of segments.
/// Immutable and thread-safe.
/// </remarks>
public sealed class TextTokenizer
{
    private readonly AddedTokenMatcher _addedTokens;
    private readonly SegmentEncoder _encoder;
    private readonly PieceDecoder _decoder;
    private readonly TokenVocabulary _vocabulary;

    internal TextTokenizer(
        AddedTokenMatcher addedTokens, SegmentEncoder encoder, PieceDecoder decoder, TokenVocabulary vocabulary, TokenizerSettings settings)
    {
        _addedTokens = addedTokens;
        _encoder = encoder;
        _decoder = decoder;
        _vocabulary = vocabulary;
        BosToken = settings.BosToken;
        EosToken = settings.EosToken;
        PadToken = settings.PadToken;
        UnknownToken = settings.UnknownToken;
    }

    /// <summary>The <c>bos_token</c> of <c>tokenizer_config.json</c>; the chat template writes it, the tokenizer never adds it.</summary>
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
        return TokenizerReader.Read(folder);
    }

    /// <summary>Encodes a rendered prompt.</summary>
    /// <param name="segments">The segments, in order. Unpaired surrogates are encoded as U+FFFD.</param>
    /// <returns>The ids, and where each run of tokens begins in them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="segments"/> is null.</exception>
    public EncodedText Encode(IReadOnlyList<PromptSegment> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        var ids = new List<int>();
        var starts = new List<int>();
        var stretch = new TextStretch();
        var workspace = new MergeWorkspace();
        foreach (var segment in segments)
        {
            if (segment.Kind != PromptSegmentKind.Tokens)
            {
                stretch.Append(segment.Text, segment.Kind == PromptSegmentKind.User);
                continue;
            }

            EncodeStretch(stretch, ids, workspace);
            starts.Add(ids.Count);
            ids.AddRange(Enumerable.Repeat(segment.TokenId, segment.Count));
        }

        EncodeStretch(stretch, ids, workspace);
        return new EncodedText([.. ids], [.. starts]);
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

    /// <summary>Makes a detokenizer for one stream of ids.</summary>
    public StreamingDetokenizer CreateDetokenizer() => new(_decoder);

    private void EncodeStretch(TextStretch stretch, List<int> ids, MergeWorkspace workspace)
    {
        var text = stretch.Take(out var runs);
        var plainStart = 0;
        var stripsNext = false;
        for (var position = _addedTokens.NextCandidate(text, 0); position >= 0; position = _addedTokens.NextCandidate(text, position))
        {
            var match = _addedTokens.Match(text, position, runs.TemplateEnd(position));
            if (match is null)
            {
                position++;
                continue;
            }

            EncodePlain(text.AsSpan(plainStart, position - plainStart), stripsNext, ids, workspace);
            ids.Add(match.Id);
            position += match.Content.Length;
            plainStart = position;
            stripsNext = match.StripsRight;
        }

        EncodePlain(text.AsSpan(plainStart), stripsNext, ids, workspace);
    }

    private void EncodePlain(ReadOnlySpan<char> text, bool stripsLeft, List<int> ids, MergeWorkspace workspace)
    {
        // The right strip of an added token knows these four characters and no others.
        var plain = stripsLeft ? text.TrimStart(" \n\r\t") : text;
        if (!plain.IsEmpty)
        {
            _encoder.Encode(plain.ToString(), ids, workspace);
        }
    }
}
