using System.Reflection;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Native;

/// <summary>What is said where the library is missing, is something else or is too old. None of it needs the library.</summary>
public sealed class GenAILibraryTests
{
    [Fact]
    public void A_library_that_no_package_brought_is_reported_with_the_packages_and_the_variable()
    {
        var error = Assert.Throws<InvalidOperationException>(() => GenAILibrary.Load(null, "onnxruntime-genai-that-is-nowhere"));

        Assert.IsType<DllNotFoundException>(error.InnerException);
        Assert.Contains("Microsoft.ML.OnnxRuntimeGenAI (CPU)", error.Message, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntimeGenAI.Cuda", error.Message, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntimeGenAI.DirectML", error.Message, StringComparison.Ordinal);
        Assert.Contains("ZOPRUNE_GENAI_LIBRARY", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_names_nothing_is_reported_with_the_path()
    {
        var path = Path.Combine(TemporaryFolders.Create(), "missing");

        var error = Assert.Throws<InvalidOperationException>(() => GenAILibrary.Load(path, NativeMethods.Library));

        Assert.Equal($"The environment variable ZOPRUNE_GENAI_LIBRARY names '{path}', which does not exist.", error.Message);
    }

    [Fact]
    public void A_variable_that_names_a_folder_without_the_library_is_reported_with_the_folder_and_the_file()
    {
        var folder = TemporaryFolders.Create();

        var error = Assert.Throws<InvalidOperationException>(() => GenAILibrary.Load(folder, NativeMethods.Library));

        Assert.Equal(
            $"The folder '{folder}' that the environment variable ZOPRUNE_GENAI_LIBRARY names holds no {GenAILibrary.FileName}.",
            error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_is_no_library_is_reported_with_its_name(bool byFolder)
    {
        var folder = TemporaryFolders.Create();
        var file = Path.Combine(folder, GenAILibrary.FileName);
        File.WriteAllText(file, "This is a text.");
        var named = byFolder ? folder : file;

        var error = Assert.Throws<InvalidOperationException>(() => GenAILibrary.Load(named, NativeMethods.Library));

        Assert.StartsWith(
            $"The library '{named}' that the environment variable ZOPRUNE_GENAI_LIBRARY names cannot be loaded: ",
            error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
    }

    [Fact]
    public void A_library_that_is_something_else_is_reported_with_the_function_that_it_lacks()
    {
        // A library that is there wherever these tests run: that of SkiaSharp, which ZoPrune.AI.Onnx brings.
        // Looked for where .NET looks, as an output may hold those of other platforms too.
        var folders = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator);
        var other = folders.Append(AppContext.BaseDirectory)
            .Select(folder => Path.Combine(folder, "libSkiaSharp" + Path.GetExtension(GenAILibrary.FileName)))
            .First(File.Exists);

        var error = Assert.Throws<InvalidOperationException>(() => GenAILibrary.Load(other, NativeMethods.Library));

        Assert.StartsWith(
            $"The library '{other}' is too old, or is not ONNX Runtime GenAI: it has no function OgaResultGetError.",
            error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OgaGenerator_SetInputs")]
    [InlineData("OgaConfigAddModelData")]
    [InlineData("OgaGenerator_TokenCount")]
    public void A_library_that_is_too_old_is_reported_with_the_missing_function_and_the_least_version(string missing)
    {
        var error = Assert.Throws<InvalidOperationException>(() => GenAILibrary.CheckFunctions(function => function != missing, "old.so"));

        Assert.Contains($"'old.so' is too old, or is not ONNX Runtime GenAI: it has no function {missing}.",
            error.Message, StringComparison.Ordinal);
        Assert.Contains("Version 0.12.0 or later is needed.", error.Message, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntimeGenAI.Cuda", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_function_that_is_declared_is_checked()
    {
        var declared = typeof(NativeMethods).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Select(method => method.Name)
            .Where(name => name.StartsWith("Oga", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

        Assert.Equal(declared, NativeMethods.Functions.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_library_that_is_here_has_everything()
    {
        GenAI.SkipIfAbsent();

        // With ONNX Runtime, without which it would end the process.
        GenAILibrary.EnsureLoaded();

        Assert.NotEqual(0, GenAILibrary.Load(Environment.GetEnvironmentVariable(GenAILibrary.Variable), NativeMethods.Library));
    }

    [Fact]
    public void The_variable_may_name_the_folder_of_the_library()
    {
        GenAI.SkipIfAbsent();
        GenAILibrary.EnsureLoaded();
        var library = Environment.GetEnvironmentVariable(GenAILibrary.Variable)!;
        Assert.SkipUnless(Path.GetFileName(library) == GenAILibrary.FileName, "The library that is here has another name.");

        Assert.Equal(
            GenAILibrary.Load(library, NativeMethods.Library),
            GenAILibrary.Load(Path.GetDirectoryName(library), NativeMethods.Library));
    }
}
