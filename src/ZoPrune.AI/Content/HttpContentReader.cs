using System.Globalization;
using System.Net;

namespace ZoPrune.AI.Content;

/// <summary>Reads images from allowed origins, with a limit on size, time and redirects. It never sends cookies or credentials.</summary>
internal sealed class HttpContentReader : IDisposable
{
    private readonly ContentAccessOptions _options;
    private readonly AllowedOrigin[] _origins;
    private readonly HttpClient _client;

    public HttpContentReader(ContentAccessOptions options)
    {
        _options = options;
        _origins = [.. options.AllowedOrigins.Select(o => AllowedOrigin.TryParse(o, out var origin)
            ? origin
            : throw new ArgumentException($"'{o}' is no origin.", nameof(options)))];

        // Redirects are followed by hand: each target must be allowed as well.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _client = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <exception cref="ContentAccessException">The address is not allowed, or did not answer with an image's bytes within the
    /// limits.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(Uri uri, string name, long maxBytes, CancellationToken cancellationToken)
    {
        CheckAllowed(uri, name, redirected: false);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(_options.Timeout);
        try
        {
            return await FollowAsync(uri, name, Math.Min(maxBytes, _options.MaxBytes), limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested && limited.IsCancellationRequested)
        {
            throw new ContentAccessException(
                string.Create(CultureInfo.InvariantCulture,
                    $"The image '{name}' did not arrive from {Origin(uri)} within {_options.Timeout.TotalSeconds:0.###} s "
                    + $"(ContentAccess.Timeout)."),
                e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException and not ContentAccessException)
        {
            throw new ContentAccessException($"The image '{name}' could not be read from {Origin(uri)}: {e.Message}", e);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<ReadOnlyMemory<byte>> FollowAsync(Uri uri, string name, long maxBytes, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.Accept.ParseAdd("image/*");
            using var response = await _client
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);

            if (IsRedirect(response.StatusCode) && response.Headers.Location is { } location)
            {
                if (redirects == _options.MaxRedirects)
                {
                    throw new ContentAccessException(string.Create(CultureInfo.InvariantCulture,
                        $"The image '{name}' was redirected more than {_options.MaxRedirects} times (ContentAccess.MaxRedirects)."));
                }

                uri = new Uri(uri, location);
                CheckAllowed(uri, name, redirected: true);
                continue;
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new ContentAccessException(string.Create(CultureInfo.InvariantCulture,
                    $"The image '{name}' could not be read: {Origin(uri)} answered {(int)response.StatusCode} ({response.ReasonPhrase})."));
            }

            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                return await LimitedReader
                    .ReadAsync(stream, response.Content.Headers.ContentLength, maxBytes, name, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void CheckAllowed(Uri uri, string name, bool redirected)
    {
        if (uri.UserInfo.Length > 0)
        {
            throw new ContentAccessException($"The image '{name}' has credentials in its address; such addresses are refused.");
        }

        if (!AllowedOrigin.IsHttp(uri) || !_origins.Any(o => o.Allows(uri)))
        {
            throw new ContentAccessException(
                $"The image '{name}' {(redirected ? "was redirected to" : "is at")} {Origin(uri)}, which is not allowed. Send the bytes "
                + "(DataContent), or add the origin to ZoPruneOptions.ContentAccess.AllowedOrigins.");
        }
    }

    // Paths and queries may hold what is nobody's business: messages name the origin alone.
    private static string Origin(Uri uri) => AllowedOrigin.IsHttp(uri) ? uri.GetLeftPart(UriPartial.Authority) : $"a {uri.Scheme}: address";

    private static bool IsRedirect(HttpStatusCode status) => status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found
        or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
}
