namespace ZoPrune.AI.Evaluation;

/// <summary>Finds the repository from where the program runs, to read its data and write its results.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Results(string file)
    {
        var folder = Path.Combine(Root, "benchmarks", "results");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, file);
    }

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
