using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZoPrune.AI.Generation;

/// <summary>Tells whether the files of a folder are still those that were opened: their names, lengths and times of writing.</summary>
internal static class FolderStamp
{
    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        AttributesToSkip = 0,
    };

    /// <summary>The stamp of a folder. A folder that does not exist has one as well: what is wrong with it is for others to say.</summary>
    public static string Of(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", Everything).OrderBy(f => f.FullName, StringComparer.Ordinal))
            {
                // Download caches keep files as links to blobs.
                var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
                var length = target.Exists ? target.Length : -1;
                var line = string.Create(
                    CultureInfo.InvariantCulture, $"{file.FullName}\0{target.FullName}\0{length}\0{target.LastWriteTimeUtc.Ticks}\0");
                hash.AppendData(Encoding.UTF8.GetBytes(line));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.GetType().Name;
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
