namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>What a processor of transformers takes where its file is silent.</summary>
internal sealed record PreprocessorDefaults
{
    private static readonly double[] s_clipMean = [0.48145466, 0.4578275, 0.40821073];
    private static readonly double[] s_clipDeviation = [0.26862954, 0.26130258, 0.27577711];
    private static readonly double[] s_half = [0.5, 0.5, 0.5];

    /// <summary>CLIP: short side 224, cropped to a square.</summary>
    public static PreprocessorDefaults Clip { get; } = new() { Size = SizeRule.Shortest(224), IsCropped = true };

    /// <summary>LLaVA: as CLIP, and <c>do_pad</c> means a square of the mean colour.</summary>
    public static PreprocessorDefaults Llava { get; } = Clip with { PadsToSquare = true };

    /// <summary>SigLIP and PaliGemma: stretched to 224 x 224.</summary>
    public static PreprocessorDefaults Siglip { get; } = new() { Mean = s_half, Deviation = s_half };

    /// <summary>ViT and Gemma 3: as SigLIP, but bilinear.</summary>
    public static PreprocessorDefaults Bilinear { get; } = Siglip with { Resampling = PillowResampling.Bilinear };

    /// <summary>Idefics3 and SmolVLM.</summary>
    public static PreprocessorDefaults Idefics3 { get; } = Siglip with
    {
        Size = SizeRule.Longest(4 * 364),
        Resampling = PillowResampling.Lanczos,
    };

    /// <summary>LLaVA-OneVision, GOT-OCR2 and InternVL: stretched to 384 x 384.</summary>
    public static PreprocessorDefaults Square384 { get; } = new() { Size = SizeRule.Exact(384, 384) };

    /// <summary>Pixtral: at most 1024 on the long side.</summary>
    public static PreprocessorDefaults Pixtral { get; } = new() { Size = SizeRule.Longest(1024) };

    public SizeRule Size { get; init; } = SizeRule.Exact(224, 224);

    /// <summary>Whether pictures are cropped in the middle; such processors read a bare number as the short side.</summary>
    public bool IsCropped { get; init; }

    /// <summary>Whether <c>do_pad</c> means to make the picture square before it is resized.</summary>
    public bool PadsToSquare { get; init; }

    public PillowResampling Resampling { get; init; } = PillowResampling.Bicubic;

    public double[] Mean { get; init; } = s_clipMean;

    public double[] Deviation { get; init; } = s_clipDeviation;
}
