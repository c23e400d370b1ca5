namespace ZoPrune.AI;

/// <summary>Which addresses and directories the images of <see cref="Microsoft.Extensions.AI.UriContent"/> may be read from.</summary>
/// <remarks>
/// Whoever writes messages chooses their addresses, so <c>http(s):</c> and <c>file:</c> are refused unless an entry here allows them.
/// <c>data:</c> URIs are always taken, within <see cref="ImageOptions.MaxBytes"/>.
/// </remarks>
public sealed class ContentAccessOptions
{
    /// <summary>
    /// Origins that may be asked for images: <c>https://images.example.com</c>, <c>http://localhost:8080</c>, or
    /// <c>https://*.example.com</c> for every host below a domain (not the domain itself). An entry without a scheme means <c>https</c>;
    /// the port is the scheme's own unless it is given. Redirects are followed only to allowed origins. Default: none.
    /// </summary>
    public IList<string> AllowedOrigins { get; set; } = [];

    /// <summary>
    /// Directories whose files, also in sub-directories, may be read through <c>file:</c> URIs: absolute paths. Symbolic links are followed
    /// only as far as they stay inside. Only regular files are read, no pipes and devices. Default: none.
    /// </summary>
    public IList<string> AllowedDirectories { get; set; } = [];

    /// <summary>
    /// The most bytes that one address or file may give, at least 1. Default 32 MiB. <see cref="ImageOptions.MaxBytes"/> holds besides.
    /// </summary>
    public long MaxBytes { get; set; } = 32L * 1024 * 1024;

    /// <summary>The time that one address may take, redirects included: above zero, at most one hour. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most redirects that are followed for one image: 0 to 20, default 3.</summary>
    public int MaxRedirects { get; set; } = 3;

    internal ContentAccessOptions Clone()
    {
        var copy = (ContentAccessOptions)MemberwiseClone();
        copy.AllowedOrigins = [.. AllowedOrigins ?? []];
        copy.AllowedDirectories = [.. AllowedDirectories ?? []];
        return copy;
    }
}
