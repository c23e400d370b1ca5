using System.Globalization;

namespace ZoPrune.AI.Content;

/// <summary>Reads a stream to its end, but never more than a limit.</summary>
internal static class LimitedReader
{
    private const int FirstBuffer = 64 * 1024;

    /// <exception cref="ContentAccessException">The stream holds, or says that it holds, more than <paramref name="maxBytes"/>.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        Stream stream, long? announced, long maxBytes, string name, CancellationToken cancellationToken)
    {
        if (announced > maxBytes)
        {
            throw TooLarge(name, maxBytes);
        }

        // The announced length is not trusted with more memory than a first buffer: what arrives decides.
        var buffer = new byte[(int)Math.Clamp(announced ?? FirstBuffer, 1, FirstBuffer)];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                // One byte above the limit is room enough to notice that there is more.
                Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, Math.Min(maxBytes + 1, Array.MaxLength)));
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return buffer.AsMemory(0, length);
            }

            length += read;
            if (length > maxBytes)
            {
                throw TooLarge(name, maxBytes);
            }
        }
    }

    private static ContentAccessException TooLarge(string name, long maxBytes) => new(
        string.Create(
            CultureInfo.InvariantCulture, $"The image '{name}' has more than {maxBytes} bytes (ContentAccess.MaxBytes, Images.MaxBytes)."));
}
