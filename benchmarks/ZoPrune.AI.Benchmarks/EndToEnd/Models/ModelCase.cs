using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Models;

/// <summary>A model that is measured, and what is kept of its visual tokens.</summary>
/// <param name="Kind">The kind of SyntheticVlm.</param>
/// <param name="Size">The size of SyntheticVlm.</param>
/// <param name="Folder">Its folder.</param>
internal sealed record ModelCase(string Kind, string Size, string Folder)
{
    /// <summary>The side of the picture in pixels; it makes the numbers of <see cref="Budgets"/> whole.</summary>
    public const int PictureSide = 672;

    /// <summary>LLaVA 1.5 in small: the kind that most tables are about.</summary>
    public const string Llava = "llava-like";

    private const string Qwen = "qwen2.5-vl-like";

    /// <summary>What tables call it.</summary>
    public string Name => $"{Kind} {Size}";

    /// <summary>How many visual tokens are kept, ascending; the last is all of them.</summary>
    public IReadOnlyList<int> Budgets => Kind switch
    {
        Llava => [64, 128, 192, 576],
        Qwen => [64, 192, 576],
        _ => [640, 2880],
    };

    /// <summary>Whether its vision stage alone is measured: of its decoder there is one layer.</summary>
    public bool IsCutShort => Size == ModelSize.VisionStage;

    /// <summary>The budgets that are measured: where there is no whole decoder, those that prune.</summary>
    public IEnumerable<int> MeasuredBudgets => IsCutShort ? Budgets.SkipLast(1) : Budgets;

    /// <summary>The visual tokens of the picture.</summary>
    public int AllTokens => Budgets[^1];

    /// <summary>Whether ONNX Runtime GenAI can open the folder.</summary>
    public bool OpensInGenAI => File.Exists(Path.Combine(Folder, "genai_config.json"));

    /// <summary>The rendered prompt, as GenAI's processor takes it; what the folder's template makes of the question.</summary>
    public string GenAIPrompt(string question) => Kind == Llava
        ? $"<s>[INST][IMG]{question}[/INST]"
        : "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>"
            + $"{question}<|im_end|>\n<|im_start|>assistant\n";
}
