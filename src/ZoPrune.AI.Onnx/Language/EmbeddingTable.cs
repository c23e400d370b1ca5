using Microsoft.Win32.SafeHandles;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// The table of an embedding graph, read row by row from the file that it lies in. The system keeps in memory what is used of it, once for
/// all who read it. A mapped file would do that, too, but end the process if somebody cuts the file short. Thread-safe.
/// </summary>
internal sealed class EmbeddingTable : IDisposable
{
    private readonly SafeFileHandle _file;

    private EmbeddingTable(EmbeddingLookup lookup, SafeFileHandle file)
    {
        Lookup = lookup;
        _file = file;
    }

    /// <summary>Where it lies and what its rows become.</summary>
    public EmbeddingLookup Lookup { get; }

    /// <summary>Opens a table; <c>null</c> if the file cannot be read, or is too short.</summary>
    public static EmbeddingTable? Open(EmbeddingLookup lookup)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(
                lookup.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
            if (lookup.Offset >= 0 && lookup.Offset <= RandomAccess.GetLength(file) - ((long)lookup.Rows * lookup.RowBytes))
            {
                return new EmbeddingTable(lookup, file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // The session, which has read the file, does without.
        }

        file?.Dispose();
        return null;
    }

    /// <summary>Reads the row of a token.</summary>
    /// <param name="id">The token.</param>
    /// <param name="row">The bytes of the row.</param>
    /// <returns>Whether there is one, and it could be read.</returns>
    /// <exception cref="ObjectDisposedException">The model is disposed of.</exception>
    public bool TryRead(int id, Span<byte> row)
    {
        ObjectDisposedException.ThrowIf(_file.IsClosed, typeof(VisionLanguageModel));
        if (!Lookup.Holds(id))
        {
            return false;
        }

        var start = Lookup.Offset + ((long)id * Lookup.RowBytes);
        try
        {
            for (var done = 0; done < Lookup.RowBytes;)
            {
                var read = RandomAccess.Read(_file, row[done..Lookup.RowBytes], start + done);
                if (read == 0)
                {
                    return false;
                }

                done += read;
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose() => _file.Dispose();
}
