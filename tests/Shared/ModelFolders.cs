namespace ZoPrune.AI.Testing;

/// <summary>Every model folder that the tests have: those of the zoo (<c>genai/gemma3</c>, <c>hf/llava</c>, …) and the bundled one.</summary>
internal static class ModelFolders
{
    public const string PocketVlm = "pocket-vlm";

    public static IReadOnlyList<string> All { get; } =
    [
        .. new[] { "genai", "hf" }
            .SelectMany(layout => Directory.EnumerateDirectories(TestData.PathTo("zoo", layout)))
            .Where(folder => File.Exists(Path.Combine(folder, "tokenizer.json")))
            .Select(folder => Path.GetFileName(Path.GetDirectoryName(folder)) + "/" + Path.GetFileName(folder))
            .Order(StringComparer.Ordinal),
        PocketVlm,
    ];

    public static string PathOf(string folder) => folder == PocketVlm
        ? Path.GetFullPath(TestData.PathTo("..", "..", "src", "ZoPrune.AI.PocketVlm", "model"))
        : TestData.PathTo(["zoo", .. folder.Split('/')]);
}
