namespace ZoPrune.AI.Onnx.Text;

/// <summary>Whose reading of tokenizer files and chat templates counts; the two differ in ids and prompts.</summary>
public enum TokenizerDialect
{
    /// <summary>ONNX Runtime GenAI's: no Unicode normalisation, chunked SentencePiece merging, no BOS or EOS of its own.</summary>
    GenAI,

    /// <summary>That of Hugging Face's <c>tokenizers</c> and <c>transformers</c>, which transformers.js follows.</summary>
    HuggingFace,
}
