using System.Net;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Content;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class HttpAccessTests
{
    private static readonly byte[] Bytes = [1, 2, 3, 4];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_allowed_origin_is_read()
    {
        using var server = new WebServer(c => c.Response.OutputStream.WriteAsync(Bytes).AsTask());
        Assert.Equal(Bytes, await ReadAsync(server.At("/a.png"), server.Origin));
    }

    [Fact]
    public async Task Addresses_are_refused_unless_their_origin_is_allowed()
    {
        using var server = new WebServer(c => c.Response.OutputStream.WriteAsync(Bytes).AsTask());
        await AssertRefusedAsync(server.At("/secret-path?token=1"));
        await AssertRefusedAsync(server.At("/a.png"), "http://127.0.0.1:" + (server.Port + 1));
        await AssertRefusedAsync(server.At("/a.png"), "https://127.0.0.1:" + server.Port);
        await AssertRefusedAsync(server.At("/a.png"), "http://localhost:" + server.Port);
        await AssertRefusedAsync(new Uri("ftp://127.0.0.1/a.png"), server.Origin);
        await AssertRefusedAsync(new Uri("gopher://127.0.0.1/a.png"), server.Origin);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Addresses_with_credentials_are_refused()
    {
        using var server = new WebServer(_ => Task.CompletedTask);
        var error = await Assert.ThrowsAsync<ContentAccessException>(
            () => ReadAsync(new Uri($"http://user:password@127.0.0.1:{server.Port}/a.png"), server.Origin));
        Assert.Contains("credentials", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("password", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Redirects_to_allowed_origins_are_followed()
    {
        using var target = new WebServer(c => c.Response.OutputStream.WriteAsync(Bytes).AsTask());
        using var server = new WebServer(c => Redirect(c, c.Request.RawUrl == "/a.png" ? "/b.png" : target.Origin + "/c.png"));
        Assert.Equal(Bytes, await ReadAsync(server.At("/a.png"), server.Origin, target.Origin));
    }

    [Fact]
    public async Task Redirects_elsewhere_are_refused()
    {
        using var target = new WebServer(c => c.Response.OutputStream.WriteAsync(Bytes).AsTask());
        foreach (var location in new[] { target.Origin + "/a.png", "file:///etc/passwd", "ftp://127.0.0.1/a.png" })
        {
            using var server = new WebServer(c => Redirect(c, location));
            var error = await AssertRefusedAsync(server.At("/a.png"), server.Origin);
            Assert.Contains("redirected", error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(target.Requests);
    }

    [Fact]
    public async Task Redirects_without_end_are_an_error()
    {
        using var server = new WebServer(c => Redirect(c, "/again"));
        var error = await Assert.ThrowsAsync<ContentAccessException>(() => ReadAsync(server.At("/a.png"), server.Origin));
        Assert.Contains("more than 3 times", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, server.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bodies_beyond_the_limit_are_refused(bool announced)
    {
        using var server = new WebServer(async c =>
        {
            var body = new byte[200_000];
            if (announced)
            {
                c.Response.ContentLength64 = body.Length;
            }
            else
            {
                c.Response.SendChunked = true;
            }

            await c.Response.OutputStream.WriteAsync(body);
        });
        using var reader = CreateReader(a => a.MaxBytes = 199_999, server.Origin);
        var error = await Assert.ThrowsAsync<ContentAccessException>(() => reader.ReadAsync(Source(server.At("/a.png")), Token).AsTask());
        Assert.Contains("199999", error.Message, StringComparison.Ordinal);

        using var larger = CreateReader(a => a.MaxBytes = 200_000, server.Origin);
        Assert.Equal(200_000, (await larger.ReadAsync(Source(server.At("/a.png")), Token)).Length);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_an_error()
    {
        using var stop = new CancellationTokenSource();
        using var server = new WebServer(_ => Task.Delay(Timeout.Infinite, stop.Token));
        using var reader = CreateReader(a => a.Timeout = TimeSpan.FromMilliseconds(200), server.Origin);
        var error = await Assert.ThrowsAsync<ContentAccessException>(() => reader.ReadAsync(Source(server.At("/a.png")), Token).AsTask());
        Assert.Contains("0.2 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_is_not_mistaken_for_a_timeout()
    {
        using var source = new CancellationTokenSource();
        using var server = new WebServer(async _ =>
        {
            await source.CancelAsync();
            await Task.Delay(Timeout.Infinite, source.Token);
        });
        using var reader = CreateReader(null, server.Origin);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.ReadAsync(Source(server.At("/a.png")), source.Token).AsTask());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(304)]
    public async Task A_status_of_failure_is_an_error_with_its_number(int status)
    {
        using var server = new WebServer(c =>
        {
            c.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        var error = await Assert.ThrowsAsync<ContentAccessException>(() => ReadAsync(server.At("/a.png"), server.Origin));
        Assert.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_answers_about_a_picture_from_an_allowed_origin_and_refuses_it_by_default()
    {
        using var server = new WebServer(c => c.Response.OutputStream.WriteAsync(Golden.ReadImage(Golden.First.Image)).AsTask());
        var message = new ChatMessage(
            ChatRole.User, [new UriContent(server.At("/scene"), "image/*"), new TextContent(Golden.First.Question)]);
        using var client = Clients.Create(o => o.ContentAccess.AllowedOrigins.Add(server.Origin));
        Assert.Equal(Golden.First.Text, (await client.GetResponseAsync([message], Clients.Unpruned(), Token)).Text);

        using var strict = Clients.Create();
        await Assert.ThrowsAsync<ContentAccessException>(() => strict.GetResponseAsync([message], null, Token));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("https://example.com", "https://example.com/a", true)]
    [InlineData("https://example.com", "https://EXAMPLE.com:443/a", true)]
    [InlineData("example.com", "https://example.com/a", true)]
    [InlineData("example.com", "http://example.com/a", false)]
    [InlineData("https://example.com", "https://example.com.evil.net/a", false)]
    [InlineData("https://example.com", "https://www.example.com/a", false)]
    [InlineData("https://*.example.com", "https://www.example.com/a", true)]
    [InlineData("https://*.example.com", "https://a.b.example.com/a", true)]
    [InlineData("https://*.example.com", "https://example.com/a", false)]
    [InlineData("https://*.example.com", "https://notexample.com/a", false)]
    [InlineData("http://localhost:8080", "http://localhost:8080/a", true)]
    [InlineData("http://localhost:8080", "http://localhost/a", false)]
    [InlineData("https://[::1]:8443", "https://[::1]:8443/a", true)]
    public void Origins_allow_what_they_say(string entry, string address, bool expected)
    {
        Assert.True(AllowedOrigin.TryParse(entry, out var origin));
        Assert.Equal(expected, origin.Allows(new Uri(address)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("https://*")]
    [InlineData("https://example.com/path")]
    [InlineData("https://user@example.com")]
    [InlineData("ftp://example.com")]
    [InlineData("https://a.*.com")]
    [InlineData("https://*.127.0.0.1")]
    public void What_is_no_origin_is_no_entry(string entry) => Assert.False(AllowedOrigin.TryParse(entry, out _));

    private static Task Redirect(HttpListenerContext context, string location)
    {
        context.Response.StatusCode = 302;
        context.Response.Headers["Location"] = location;
        return Task.CompletedTask;
    }

    private static ImageSource Source(Uri uri) => new("0", new UriContent(uri, "image/png"));

    private static ImageReader CreateReader(Action<ContentAccessOptions>? configure, params string[] origins)
    {
        var options = new ZoPruneOptions { ContentAccess = { AllowedOrigins = [.. origins] } };
        configure?.Invoke(options.ContentAccess);
        return new ImageReader(options);
    }

    private static async Task<byte[]> ReadAsync(Uri uri, params string[] origins)
    {
        using var reader = CreateReader(null, origins);
        return (await reader.ReadAsync(Source(uri), Token)).ToArray();
    }

    private static async Task<ContentAccessException> AssertRefusedAsync(Uri uri, params string[] origins)
    {
        var error = await Assert.ThrowsAsync<ContentAccessException>(() => ReadAsync(uri, origins));
        Assert.Contains(nameof(ContentAccessOptions.AllowedOrigins), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("token", error.Message, StringComparison.Ordinal);
        return error;
    }
}
