namespace ZoPrune.AI.Onnx.Folders;

/// <summary>
/// Lengths of the files that are meant: download caches are made of symbolic links, and the length that the system gives for a link is the
/// link's own.
/// </summary>
internal static class FileLength
{
    /// <summary>The length in bytes; 0 for pipes and devices.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static long Of(string file) => (File.ResolveLinkTarget(file, returnFinalTarget: true) as FileInfo ?? new FileInfo(file)).Length;
}
