namespace ZoPrune.AI.Content;

/// <summary>Reads images from allowed directories. Symbolic links are resolved first: what counts is where a file really lies.</summary>
internal sealed class FileContentReader(ContentAccessOptions options)
{
    private const int MaxLinks = 32;

    private static readonly StringComparison PathComparison =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <exception cref="ContentAccessException">The file is not allowed, does not exist, is no regular file, or is too large.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(Uri uri, string name, long maxBytes, CancellationToken cancellationToken)
    {
        var isLocal = uri is { IsFile: true, IsUnc: false } && uri.Host.Length == 0;
        var path = options.AllowedDirectories.Count > 0 && isLocal ? uri.LocalPath : null;
        if (path is null || path.Contains('\0', StringComparison.Ordinal) || !Path.IsPathFullyQualified(path))
        {
            throw Refused(name);
        }

        try
        {
            // First by name, so that a refused path says nothing about what exists there; then by where its links lead.
            var full = Path.GetFullPath(path);
            var real = IsAllowed(full) ? Resolve(full) : throw Refused(name);
            if (!IsReallyAllowed(real))
            {
                throw Refused(name);
            }

            CheckIsFile(real, name);
            var file = new FileStream(real, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                // A link that was put there in the meantime would show now.
                if (!string.Equals(Resolve(real), real, StringComparison.Ordinal))
                {
                    throw Refused(name);
                }

                // So would a pipe.
                if (!file.CanSeek)
                {
                    throw NoFile(name);
                }

                var limit = Math.Min(maxBytes, options.MaxBytes);
                return await LimitedReader.ReadAsync(file, file.Length, limit, name, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not ContentAccessException)
        {
            throw new ContentAccessException($"The image '{name}' could not be read from its file: {e.GetType().Name}.", e);
        }
    }

    private bool IsAllowed(string full) => options.AllowedDirectories.Any(d => IsBelow(full, Path.GetFullPath(d)));

    private bool IsReallyAllowed(string real) => options.AllowedDirectories.Any(d => IsBelow(real, Resolve(Path.GetFullPath(d))));

    /// <summary>
    /// Refuses what is no file with content. To open a pipe waits for its other end, whatever the token says, and a device may have no end.
    /// </summary>
    /// <remarks>The file's type is told nowhere, but pipes, devices and sockets have no length.</remarks>
    private static void CheckIsFile(string real, string name)
    {
        if (Directory.Exists(real))
        {
            throw new ContentAccessException($"The image '{name}' is a directory; name a file in it.");
        }

        if (new FileInfo(real).Length == 0)
        {
            throw NoFile(name);
        }
    }

    private static bool IsBelow(string path, string directory) =>
        path.StartsWith(Path.EndsInDirectorySeparator(directory) ? directory : directory + Path.DirectorySeparatorChar, PathComparison);

    /// <summary>The path with every symbolic link on the way replaced by its target.</summary>
    private static string Resolve(string full)
    {
        var root = Path.GetPathRoot(full)!;
        var resolved = root;
        var open = new Stack<string>(Parts(full[root.Length..]));
        var links = 0;
        while (open.TryPop(out var part))
        {
            var next = Path.Combine(resolved, part);
            var target = new FileInfo(next).LinkTarget;
            if (target is null)
            {
                resolved = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new IOException("Too many symbolic links.");
            }

            var absolute = Path.GetFullPath(target, resolved);
            resolved = Path.GetPathRoot(absolute)!;
            foreach (var step in Parts(absolute[resolved.Length..]))
            {
                open.Push(step);
            }
        }

        return resolved;
    }

    private static IEnumerable<string> Parts(string path) =>
        path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse();

    private static ContentAccessException NoFile(string name) => new(
        $"The image '{name}' is an empty file, or none that holds an image (a pipe, a device, a socket); only regular files are read.");

    private static ContentAccessException Refused(string name) => new(
        $"The image '{name}' lies in a file that is not in an allowed directory. Send the bytes (DataContent), or add the directory to "
        + "ZoPruneOptions.ContentAccess.AllowedDirectories.");
}
