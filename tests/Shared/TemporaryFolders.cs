using System.Collections.Concurrent;

namespace ZoPrune.AI.Testing;

/// <summary>Folders for files that a test writes; they go when the test process ends.</summary>
internal static class TemporaryFolders
{
    private static readonly ConcurrentBag<string> s_folders = [];

    static TemporaryFolders() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var folder in s_folders)
        {
            Directory.Delete(folder, recursive: true);
        }
    };

    public static string Create()
    {
        var folder = Directory.CreateTempSubdirectory("zoprune-").FullName;
        s_folders.Add(folder);
        return folder;
    }
}
