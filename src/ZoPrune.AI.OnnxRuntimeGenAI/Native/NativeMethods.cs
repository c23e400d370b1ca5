using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>
/// The functions of <c>ort_genai_c.h</c> that are used, under their own names. A result of 0 is success; anything else goes to
/// <see cref="GenAIResult.Check"/>. The calling convention is the platform's default, as the header's <c>OGA_API_CALL</c>.
/// </summary>
/// <remarks>
/// Destroying null crashes for the kinds that are reference counted (model, parameters, tensor); safe handles never do. Functions without
/// a result have no catch block in C++: an exception there ends the process. Of those, <see cref="OgaGenerator_TokenCount"/> does not throw
/// for language models. <c>OgaGenerator_IsDone</c> is left out: with CUDA it waits for the device, whose errors would end the process.
/// </remarks>
internal static unsafe partial class NativeMethods
{
    public const string Library = "onnxruntime-genai";

    /// <summary>Every function that is declared here: what a library must export.</summary>
    public static IReadOnlyList<string> Functions { get; } =
    [
        nameof(OgaResultGetError),
        nameof(OgaDestroyResult),
        nameof(OgaDestroyString),
        nameof(OgaCreateConfig),
        nameof(OgaConfigClearProviders),
        nameof(OgaConfigAppendProvider),
        nameof(OgaConfigOverlay),
        nameof(OgaConfigAddModelData),
        nameof(OgaDestroyConfig),
        nameof(OgaCreateModelFromConfig),
        nameof(OgaModelGetType),
        nameof(OgaModelGetDeviceType),
        nameof(OgaDestroyModel),
        nameof(OgaCreateGeneratorParams),
        nameof(OgaGeneratorParamsSetSearchNumber),
        nameof(OgaGeneratorParamsSetSearchBool),
        nameof(OgaDestroyGeneratorParams),
        nameof(OgaCreateGenerator),
        nameof(OgaGenerator_SetInputs),
        nameof(OgaGenerator_AppendTokens),
        nameof(OgaGenerator_GenerateNextToken),
        nameof(OgaGenerator_GetNextTokens),
        nameof(OgaGenerator_GetLogits),
        nameof(OgaGenerator_SetLogits),
        nameof(OgaGenerator_RewindTo),
        nameof(OgaGenerator_TokenCount),
        nameof(OgaDestroyGenerator),
        nameof(OgaCreateTensorFromBuffer),
        nameof(OgaTensorGetType),
        nameof(OgaTensorGetShapeRank),
        nameof(OgaTensorGetShape),
        nameof(OgaTensorGetData),
        nameof(OgaDestroyTensor),
        nameof(OgaCreateNamedTensors),
        nameof(OgaNamedTensorsSet),
        nameof(OgaDestroyNamedTensors),
    ];

    [LibraryImport(Library)]
    public static partial byte* OgaResultGetError(nint result);

    [LibraryImport(Library)]
    public static partial void OgaDestroyResult(nint result);

    [LibraryImport(Library)]
    public static partial void OgaDestroyString(byte* text);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaCreateConfig(string configPath, out ConfigHandle config);

    [LibraryImport(Library)]
    public static partial nint OgaConfigClearProviders(ConfigHandle config);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaConfigAppendProvider(ConfigHandle config, string provider);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaConfigOverlay(ConfigHandle config, string json);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaConfigAddModelData(ConfigHandle config, string modelFileName, NativeBuffer data, nuint length);

    [LibraryImport(Library)]
    public static partial void OgaDestroyConfig(nint config);

    [LibraryImport(Library)]
    public static partial nint OgaCreateModelFromConfig(ConfigHandle config, out ModelHandle model);

    /// <summary>The text is a copy, to be freed with <see cref="OgaDestroyString"/>.</summary>
    [LibraryImport(Library)]
    public static partial nint OgaModelGetType(ModelHandle model, out byte* type);

    /// <summary>The text is a copy, to be freed with <see cref="OgaDestroyString"/>.</summary>
    [LibraryImport(Library)]
    public static partial nint OgaModelGetDeviceType(ModelHandle model, out byte* deviceType);

    [LibraryImport(Library)]
    public static partial void OgaDestroyModel(nint model);

    [LibraryImport(Library)]
    public static partial nint OgaCreateGeneratorParams(ModelHandle model, out GeneratorParamsHandle parameters);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaGeneratorParamsSetSearchNumber(GeneratorParamsHandle parameters, string name, double value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaGeneratorParamsSetSearchBool(
        GeneratorParamsHandle parameters, string name, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    public static partial void OgaDestroyGeneratorParams(nint parameters);

    [LibraryImport(Library)]
    public static partial nint OgaCreateGenerator(ModelHandle model, GeneratorParamsHandle parameters, out GeneratorHandle generator);

    [LibraryImport(Library)]
    public static partial nint OgaGenerator_SetInputs(GeneratorHandle generator, NamedTensorsHandle tensors);

    [LibraryImport(Library)]
    public static partial nint OgaGenerator_AppendTokens(GeneratorHandle generator, int* ids, nuint count);

    [LibraryImport(Library)]
    public static partial nint OgaGenerator_GenerateNextToken(GeneratorHandle generator);

    /// <summary>The ids belong to the generator, until its next call.</summary>
    [LibraryImport(Library)]
    public static partial nint OgaGenerator_GetNextTokens(GeneratorHandle generator, out int* ids, out nuint count);

    /// <summary>The tensor is a copy in CPU memory.</summary>
    [LibraryImport(Library)]
    public static partial nint OgaGenerator_GetLogits(GeneratorHandle generator, out TensorHandle logits);

    /// <summary>The values are copied.</summary>
    [LibraryImport(Library)]
    public static partial nint OgaGenerator_SetLogits(GeneratorHandle generator, TensorHandle logits);

    [LibraryImport(Library)]
    public static partial nint OgaGenerator_RewindTo(GeneratorHandle generator, nuint length);

    [LibraryImport(Library)]
    public static partial nuint OgaGenerator_TokenCount(GeneratorHandle generator);

    [LibraryImport(Library)]
    public static partial void OgaDestroyGenerator(nint generator);

    /// <summary>Data that is not null is borrowed, not copied. Null: the tensor has its own memory, with nothing in it yet.</summary>
    [LibraryImport(Library)]
    public static partial nint OgaCreateTensorFromBuffer(void* data, long* shape, nuint rank, int elementType, out TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial nint OgaTensorGetType(TensorHandle tensor, out int elementType);

    [LibraryImport(Library)]
    public static partial nint OgaTensorGetShapeRank(TensorHandle tensor, out nuint rank);

    [LibraryImport(Library)]
    public static partial nint OgaTensorGetShape(TensorHandle tensor, long* shape, nuint rank);

    [LibraryImport(Library)]
    public static partial nint OgaTensorGetData(TensorHandle tensor, out void* data);

    [LibraryImport(Library)]
    public static partial void OgaDestroyTensor(nint tensor);

    [LibraryImport(Library)]
    public static partial nint OgaCreateNamedTensors(out NamedTensorsHandle tensors);

    /// <summary>The set refers to the tensor, which therefore may be destroyed before the set.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaNamedTensorsSet(NamedTensorsHandle tensors, string name, TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial void OgaDestroyNamedTensors(nint tensors);
}
