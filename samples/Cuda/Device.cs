using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI;

namespace Cuda;

/// <summary>The device that this sample was built for (<c>-p:GenAI=Cuda|DirectML|Cpu</c>).</summary>
internal static class Device
{
#if CUDA
    public const string Name = "CUDA";

    /// <summary>The name of the execution provider in ONNX Runtime GenAI.</summary>
    private const string Provider = "cuda";

    private static void Append(SessionOptions session) => session.AppendExecutionProvider_CUDA();
#elif DIRECTML
    public const string Name = "DirectML";

    private const string Provider = "DML";

    private static void Append(SessionOptions session)
    {
        // DirectML demands both.
        session.EnableMemoryPattern = false;
        session.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
        session.AppendExecutionProvider_DML();
    }
#else
    public const string Name = "CPU";

    private const string Provider = "cpu";

    private static void Append(SessionOptions session)
    {
        // The CPU is always there.
    }
#endif

    /// <summary>Both halves on the device: the vision graph on ONNX Runtime, the language model on ONNX Runtime GenAI.</summary>
    public static void Use(ZoPruneOptions options)
    {
        options.ConfigureSession = Append;
        options.UseOnnxRuntimeGenAI(genai => genai.ExecutionProvider = Provider);
    }
}
