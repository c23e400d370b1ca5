using System.Diagnostics.CodeAnalysis;

namespace ZoPrune.AI.Content;

/// <summary>An entry of <see cref="ContentAccessOptions.AllowedOrigins"/>: scheme, host (perhaps everything below a domain) and port.</summary>
internal sealed record AllowedOrigin(string Scheme, string Host, int Port, bool BelowHost)
{
    private const string Wildcard = "*.";

    public static bool TryParse(string? entry, [NotNullWhen(true)] out AllowedOrigin? origin)
    {
        origin = null;
        if (string.IsNullOrWhiteSpace(entry))
        {
            return false;
        }

        var separator = entry.IndexOf("://", StringComparison.Ordinal);
        var scheme = separator < 0 ? Uri.UriSchemeHttps : entry[..separator];
        var rest = separator < 0 ? entry : entry[(separator + 3)..];
        var below = rest.StartsWith(Wildcard, StringComparison.Ordinal);
        rest = below ? rest[Wildcard.Length..] : rest;

        if (rest.Contains('*', StringComparison.Ordinal)
            || !Uri.TryCreate(scheme + "://" + rest, UriKind.Absolute, out var uri)
            || !IsHttp(uri)
            || uri.UserInfo.Length > 0
            || uri.PathAndQuery is not "/"
            || uri.Fragment.Length > 0
            || uri.IdnHost.Length == 0
            || (below && uri.HostNameType != UriHostNameType.Dns))
        {
            return false;
        }

        origin = new AllowedOrigin(uri.Scheme, uri.IdnHost, uri.Port, below);
        return true;
    }

    public static bool IsHttp(Uri uri) => uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps;

    public bool Allows(Uri uri) =>
        uri.Scheme == Scheme
        && uri.Port == Port
        && (BelowHost
            ? uri.IdnHost.EndsWith("." + Host, StringComparison.OrdinalIgnoreCase)
            : string.Equals(uri.IdnHost, Host, StringComparison.OrdinalIgnoreCase));
}
