using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Onnx;

/// <summary>How a model folder is opened.</summary>
public sealed class VisionLanguageModelOptions
{
    /// <summary>
    /// Threads inside one operation of the vision graph and the decoder; the embedding graph, which looks rows up, has one.
    /// <c>null</c>: what the folder says (<c>intra_op_num_threads</c>), else one thread a physical core.
    /// </summary>
    public int? Threads { get; set; }

    /// <summary>
    /// The name of the tensor that feeds the projector, where the projector is not found by itself. <c>null</c>: found by the graph's
    /// structure.
    /// </summary>
    public string? ProjectorInput { get; set; }

    /// <summary>
    /// Which precisions of the graphs are opened where a transformers.js folder holds several; a sensible choice by default.
    /// </summary>
    public GraphVariants? Variants { get; set; }

    /// <summary>
    /// Whether pictures are cut into tiles, by families that can: more visual tokens, finer detail. <c>null</c>: as the model's reference
    /// does.
    /// A model that cannot refuses <c>true</c>; folders of ONNX Runtime GenAI, whose operation list decides, refuse both.
    /// </summary>
    public bool? SplitImages { get; set; }

    /// <summary>
    /// What generates in place of this library's own sessions; <c>null</c> (the default): those. The package
    /// ZoPrune.AI.OnnxRuntimeGenAI has one, set by <c>UseOnnxRuntimeGenAI()</c>.
    /// </summary>
    public LanguageModelBackend? LanguageModel { get; set; }

    /// <summary>
    /// Called with the options of every session before it opens: for execution providers (CUDA, DirectML, …) of the ONNX Runtime
    /// package that the application references, and anything else. Execution providers that the folder names are not added by
    /// themselves. Sessions of the vision graph have <c>session.force_spinning_stop</c> set: to set it again makes ONNX Runtime print a
    /// warning; <c>session_options</c> of the folder can do so quietly.
    /// </summary>
    public Action<SessionOptions>? ConfigureSession { get; set; }
}
