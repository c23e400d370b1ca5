using System.Runtime.InteropServices;

namespace ZoPrune.AI.Benchmarks.Native;

/// <summary>
/// The functions of <c>ort_genai_c.h</c> that GenAI's own pipeline takes, under their own names. A result of 0 is success; anything else
/// goes to <see cref="GenAILibrary.Check"/>.
/// </summary>
internal static unsafe partial class GenAIFunctions
{
    public const string Library = "onnxruntime-genai";

    [LibraryImport(Library)]
    public static partial byte* OgaResultGetError(nint result);

    [LibraryImport(Library)]
    public static partial void OgaDestroyResult(nint result);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaCreateConfig(string path, out nint config);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaConfigOverlay(nint config, string json);

    [LibraryImport(Library)]
    public static partial void OgaDestroyConfig(nint config);

    [LibraryImport(Library)]
    public static partial nint OgaCreateModelFromConfig(nint config, out nint model);

    [LibraryImport(Library)]
    public static partial void OgaDestroyModel(nint model);

    [LibraryImport(Library)]
    public static partial nint OgaCreateMultiModalProcessor(nint model, out nint processor);

    [LibraryImport(Library)]
    public static partial void OgaDestroyMultiModalProcessor(nint processor);

    [LibraryImport(Library)]
    public static partial nint OgaLoadImagesFromBuffers(byte** data, nuint* sizes, nuint count, out nint images);

    [LibraryImport(Library)]
    public static partial void OgaDestroyImages(nint images);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaProcessorProcessImages(nint processor, string prompt, nint images, out nint tensors);

    [LibraryImport(Library)]
    public static partial void OgaDestroyNamedTensors(nint tensors);

    [LibraryImport(Library)]
    public static partial nint OgaCreateGeneratorParams(nint model, out nint parameters);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OgaGeneratorParamsSetSearchNumber(nint parameters, string name, double value);

    [LibraryImport(Library)]
    public static partial void OgaDestroyGeneratorParams(nint parameters);

    [LibraryImport(Library)]
    public static partial nint OgaCreateGenerator(nint model, nint parameters, out nint generator);

    [LibraryImport(Library)]
    public static partial nint OgaGenerator_SetInputs(nint generator, nint tensors);

    [LibraryImport(Library)]
    public static partial nint OgaGenerator_GenerateNextToken(nint generator);

    [LibraryImport(Library)]
    public static partial nint OgaGenerator_GetNextTokens(nint generator, out int* ids, out nuint count);

    [LibraryImport(Library)]
    public static partial nuint OgaGenerator_TokenCount(nint generator);

    [LibraryImport(Library)]
    public static partial void OgaDestroyGenerator(nint generator);
}
