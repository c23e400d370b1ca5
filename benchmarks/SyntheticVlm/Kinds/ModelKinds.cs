using ZoPrune.AI.SyntheticVlm.Folders;

namespace ZoPrune.AI.SyntheticVlm.Kinds;

/// <summary>All kinds with their sizes.</summary>
internal static class ModelKinds
{
    private const int TinyVocabulary = 1024;

    /// <summary>
    /// What LLaVA 1.5 7B has up to its projected visual tokens, in its own widths: 23 layers of CLIP-L, since it takes its features from
    /// the last but one. One layer of the decoder stands for 32.
    /// </summary>
    private static readonly ModelSize s_llavaVisionStage =
        new(ModelSize.VisionStage, new VisionDimensions(1024, 23, 16, 4096), new DecoderDimensions(4096, 1, 32, 32, 128, 11008));

    /// <summary>CLIP-L beside a Llama of 7 billion is 4.5 % of the model, and so it is here.</summary>
    private static readonly ModelSize[] s_llavaSizes =
    [
        new("0.1b", new VisionDimensions(192, 9, 3, 768), new DecoderDimensions(640, 12, 10, 2, 64, 1760)),
        new("0.5b", new VisionDimensions(384, 12, 6, 1536), new DecoderDimensions(1280, 23, 20, 4, 64, 3456)),
        new("1.5b", new VisionDimensions(640, 14, 10, 2560), new DecoderDimensions(2048, 29, 16, 4, 128, 5632)),
        new(ModelSize.Tiny, new VisionDimensions(32, 2, 2, 64), new DecoderDimensions(64, 2, 4, 2, 16, 128))
        {
            Vocabulary = TinyVocabulary,
        },
    ];

    public static IReadOnlyList<ModelKind> All { get; } =
    [
        new(
            "llava-like",
            "LLaVA 1.5: 576 visual tokens of a 24 x 24 grid for any picture",
            [
                "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]", "[SYSTEM_PROMPT]",
                "[/SYSTEM_PROMPT]",
            ],
            [.. s_llavaSizes, s_llavaVisionStage],
            (plan, folder) => new Mistral3Folder(plan, folder)),
        new(
            "qwen2.5-vl-like",
            "Qwen2.5-VL: one visual token for 28 x 28 pixels, window attention, positions in three dimensions",
            ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"],
            [
                new(
                    "0.1b", new VisionDimensions(256, 8, 4, 672) { WholeEvery = 4 }, new DecoderDimensions(640, 9, 10, 2, 64, 2560)),
                new(
                    "0.5b", new VisionDimensions(512, 12, 8, 1376) { WholeEvery = 6 }, new DecoderDimensions(1280, 16, 20, 4, 64, 5120)),
                new(
                    "1.5b", new VisionDimensions(832, 14, 13, 2240) { WholeEvery = 7 }, new DecoderDimensions(2048, 19, 16, 2, 128, 9216)),
                new(
                    ModelSize.Tiny, new VisionDimensions(32, 2, 2, 64) { WholeEvery = 2 }, new DecoderDimensions(64, 2, 4, 2, 16, 128))
                {
                    Vocabulary = TinyVocabulary,
                },
            ],
            (plan, folder) => new Qwen25Folder(plan, folder))
        {
            ContextLength = 8192,
            Rotary = RotaryPlacement.Multimodal,
            RotaryTheta = 1e6,
            HasAttentionBias = true,
        },
        new(
            "next-like",
            "LLaVA-NeXT: 2,880 visual tokens of 5 crops for a square picture",
            ["<unk>", "<s>", "</s>", "<image>", "<pad>"],
            s_llavaSizes,
            (plan, folder) => new LlavaNextFolder(plan, folder))
        {
            Rotary = RotaryPlacement.Positions,
        },
    ];
}
