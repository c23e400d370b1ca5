namespace ZoPrune.AI.Benchmarks;

/// <summary>Finds the repository from where the program runs, to write its results.</summary>
internal static class Repository
{
    /// <summary>The folder of the committed results.</summary>
    public static string Results => Path.Combine(Root, "benchmarks", "results");

    /// <summary>The root of the repository.</summary>
    /// <exception cref="DirectoryNotFoundException">The program does not lie in the repository.</exception>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ZoPrune.AI.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("ZoPrune.AI.sln was not found above " + AppContext.BaseDirectory);
    }
}
