using System.Globalization;
using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;

namespace ZoPrune.AI.Generation;

/// <summary>Tells whether a model's files are still those that were opened: their names, lengths and times of writing.</summary>
internal static class FolderStamp
{
    private static readonly string[] Extensions = [".json", ".jinja", ".model", ".npy", ".txt", ".data", ".bin"];

    private static readonly EnumerationOptions Options = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = 0 };

    /// <summary>The stamp of a folder; one of its own each time if the folder cannot be read: what is wrong is for others to say.</summary>
    /// <remarks>
    /// Files of other kinds beside a model do not count. Links to files do, since download caches keep files as links to blobs; links to
    /// folders and hidden folders do not: the files of a model lie within its folder, and a link may lead back into it.
    /// </remarks>
    public static string Of(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            var files = new FileSystemEnumerable<FileInfo>(folder, (ref FileSystemEntry e) => (FileInfo)e.ToFileSystemInfo(), Options)
            {
                ShouldIncludePredicate = static (ref FileSystemEntry e) => !e.IsDirectory && IsOfModel(e.FileName),
                ShouldRecursePredicate = static (ref FileSystemEntry e) =>
                    !e.FileName.StartsWith('.') && (e.Attributes & FileAttributes.ReparsePoint) == 0,
            };
            foreach (var file in files.OrderBy(f => f.FullName, StringComparer.Ordinal))
            {
                var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
                var length = target.Exists ? target.Length : -1;
                var line = string.Create(
                    CultureInfo.InvariantCulture, $"{file.FullName}\0{target.FullName}\0{length}\0{target.LastWriteTimeUtc.Ticks}\0");
                hash.AppendData(Encoding.UTF8.GetBytes(line));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Guid.NewGuid().ToString();
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static bool IsOfModel(ReadOnlySpan<char> name)
    {
        var extension = Path.GetExtension(name).ToString();
        return name.Contains(".onnx", StringComparison.OrdinalIgnoreCase) || Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase);
    }
}
