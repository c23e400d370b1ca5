using Microsoft.Extensions.AI;

namespace ZoPrune.AI.Content;

/// <summary>Gets the encoded bytes of a request's images, from wherever the options allow.</summary>
internal sealed class ImageReader(ZoPruneOptions options) : IDisposable
{
    private readonly long _maxBytes = options.Images.MaxBytes;
    private readonly FileContentReader _files = new(options.ContentAccess);
    private readonly HttpContentReader _http = new(options.ContentAccess);

    /// <summary>The bytes as they are; nothing but their number is checked.</summary>
    /// <exception cref="ContentAccessException">The address is refused or could not be read.</exception>
    /// <exception cref="ArgumentException">The address is relative, or a <c>data:</c> URI is malformed.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(ImageSource image, CancellationToken cancellationToken)
    {
        if (image.Content is UriContent { Uri: var uri } && !IsData(uri))
        {
            if (!uri.IsAbsoluteUri)
            {
                throw new ArgumentException(
                    $"The image '{image.Name}' has a relative address; give an absolute one (https:, file:, data:), or send the bytes "
                    + "(DataContent).");
            }

            return uri.IsFile
                ? await _files.ReadAsync(uri, image.Name, _maxBytes, cancellationToken).ConfigureAwait(false)
                : await _http.ReadAsync(uri, image.Name, _maxBytes, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            var data = image.Content is UriContent inline
                ? new DataContent(inline.Uri.OriginalString, inline.MediaType)
                : (DataContent)image.Content;

            // It is decoded when it is first asked for, which is not for several threads: images are read at once, and one content may be
            // in a request twice, or in the history of several calls.
            lock (data)
            {
                return data.Data;
            }
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new ArgumentException($"The image '{image.Name}' has a malformed data URI: {e.Message}", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private static bool IsData(Uri uri) => uri.IsAbsoluteUri && string.Equals(uri.Scheme, "data", StringComparison.OrdinalIgnoreCase);
}
