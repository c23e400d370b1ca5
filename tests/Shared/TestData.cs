namespace ZoPrune.AI.Testing;

/// <summary>Finds <c>tests/data</c> from wherever the test assembly runs.</summary>
internal static class TestData
{
    /// <summary>The folder <c>tests/data</c> of this repository.</summary>
    public static string Root { get; } = Find();

    /// <summary>A path below <c>tests/data</c>.</summary>
    public static string PathTo(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "data");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException("The folder tests/data was not found above " + AppContext.BaseDirectory);
    }
}
