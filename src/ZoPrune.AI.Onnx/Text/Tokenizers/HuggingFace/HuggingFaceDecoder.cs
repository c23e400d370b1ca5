namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>The <c>decoder</c> section, applied to a stream.</summary>
/// <param name="vocabulary">The pieces.</param>
/// <param name="tokenSteps">What is done to the text of each token, which may be the first one.</param>
/// <param name="toBytes">Its bytes.</param>
/// <param name="strip">What is stripped from the ends of the whole text.</param>
internal sealed class HuggingFaceDecoder(
    TokenVocabulary vocabulary, IReadOnlyList<Func<string, bool, string>> tokenSteps, Func<string, byte[]> toBytes, TextStrip? strip)
    : TokenDecoder
{
    public override PieceStream Open() => new Stream(this, strip);

    public override byte[] BytesWithinText(int id) => TextOf(id) is { } token ? BytesOf(token, isFirst: false) : [];

    private byte[] BytesOf(string token, bool isFirst)
    {
        foreach (var step in _steps)
        {
            token = step(token, isFirst);
        }

        return _toBytes(token);
    }

    private string? TextOf(int id) => vocabulary.AddedTokenOf(id) is { } added
        ? added.IsSpecial ? null : added.Content
        : vocabulary.PieceOf(id);

    private sealed class Stream(HuggingFaceDecoder decoder, TextStrip? strip) : PieceStream
    {
        private bool _isFirst = true;
        private int _stripped;
        private bool _isStripping = true;
        private byte[] _held = [];

        public override byte[] Next(int id)
        {
            // Special tokens are skipped, ids without a token too.
            if (decoder.TextOf(id) is not { } token)
            {
                return [];
            }

            var bytes = decoder.BytesOf(token, _isFirst);
            _isFirst = false;
            return strip is null ? bytes : HoldEnd(StripStart(bytes));
        }

        public override void End()
        {
            _isFirst = true;
            _isStripping = true;
            _stripped = 0;
            _held = [];
        }

        private byte[] StripStart(byte[] bytes)
        {
            var start = 0;
            while (_isStripping && start < bytes.Length)
            {
                if (_stripped < strip!.Start && bytes.AsSpan(start).StartsWith(strip.Content))
                {
                    start += strip.Content.Length;
                    _stripped++;
                }
                else
                {
                    _isStripping = false;
                }
            }

            return bytes[start..];
        }

        // What may be the end of the text and would be stripped there is held back.
        private byte[] HoldEnd(byte[] bytes)
        {
            if (strip!.Stop == 0)
            {
                return bytes;
            }

            byte[] all = [.. _held, .. bytes];
            var end = all.Length;
            for (var count = 0; count < strip.Stop && all.AsSpan(0, end).EndsWith(strip.Content); count++)
            {
                end -= strip.Content.Length;
            }

            _held = all[end..];
            return all[..end];
        }
    }

    private readonly IReadOnlyList<Func<string, bool, string>> _steps = tokenSteps;
    private readonly Func<string, byte[]> _toBytes = toBytes;
}
