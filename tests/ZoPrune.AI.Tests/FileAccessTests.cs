using System.Diagnostics;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Content;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public sealed class FileAccessTests : IDisposable
{
    private static readonly byte[] Bytes = [1, 2, 3, 4];
    private readonly TemporaryFolder _folder = new();
    private readonly string _allowed;
    private readonly string _secret;

    public FileAccessTests()
    {
        _allowed = Path.Combine(_folder.Path, "allowed");
        _folder.Add(Path.Combine("allowed", "sub", "picture.png"), Bytes);
        _secret = _folder.Add(Path.Combine("secrets", "picture.png"), [9, 9, 9]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_in_an_allowed_directory_is_read() =>
        Assert.Equal(Bytes, await ReadAsync(Path.Combine(_allowed, "sub", "picture.png")));

    [Fact]
    public async Task Files_are_refused_unless_a_directory_is_allowed()
    {
        using var reader = new ImageReader(new ZoPruneOptions());
        await AssertRefusedAsync(() => reader.ReadAsync(Source(Path.Combine(_allowed, "sub", "picture.png")), Token).AsTask());
    }

    [Fact]
    public async Task Files_elsewhere_are_refused_whether_they_exist_or_not()
    {
        var there = await AssertRefusedAsync(() => ReadAsync(_secret));
        var notThere = await AssertRefusedAsync(() => ReadAsync(_secret + ".nothing"));
        Assert.Equal(there.Message, notThere.Message);
        Assert.DoesNotContain(_folder.Path, there.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sub/../../secrets/picture.png")]
    [InlineData("%2e%2e/secrets/picture.png")]
    [InlineData("sub/%2e%2e%2f%2e%2e%2fsecrets/picture.png")]
    public async Task Paths_that_climb_out_are_refused(string path)
    {
        using var reader = CreateReader();
        var source = new ImageSource("0", new UriContent(new Uri("file://" + _allowed + "/" + path), "image/png"));
        await AssertRefusedAsync(() => reader.ReadAsync(source, Token).AsTask());
    }

    [Fact]
    public async Task A_directory_whose_name_only_begins_alike_is_refused()
    {
        var path = _folder.Add(Path.Combine("allowed-not", "picture.png"), Bytes);
        await AssertRefusedAsync(() => ReadAsync(path));
    }

    [Fact]
    public async Task A_link_to_a_file_outside_is_refused()
    {
        var link = Path.Combine(_allowed, "link.png");
        File.CreateSymbolicLink(link, _secret);
        await AssertRefusedAsync(() => ReadAsync(link));
    }

    [Fact]
    public async Task A_link_to_a_directory_outside_is_refused()
    {
        var link = Path.Combine(_allowed, "elsewhere");
        Directory.CreateSymbolicLink(link, Path.Combine("..", "secrets"));
        await AssertRefusedAsync(() => ReadAsync(Path.Combine(link, "picture.png")));
    }

    [Fact]
    public async Task Links_that_stay_inside_are_followed()
    {
        Directory.CreateSymbolicLink(Path.Combine(_allowed, "also"), "sub");
        File.CreateSymbolicLink(Path.Combine(_allowed, "link.png"), Path.Combine(_allowed, "also", "picture.png"));
        Assert.Equal(Bytes, await ReadAsync(Path.Combine(_allowed, "link.png")));
    }

    [Fact]
    public async Task An_allowed_directory_may_itself_be_a_link()
    {
        var link = Path.Combine(_folder.Path, "front");
        Directory.CreateSymbolicLink(link, _allowed);
        using var reader = CreateReader(a => a.AllowedDirectories = [link]);
        Assert.Equal(Bytes, (await reader.ReadAsync(Source(Path.Combine(link, "sub", "picture.png")), Token)).ToArray());
    }

    [Fact]
    public async Task Links_in_a_circle_are_an_error()
    {
        File.CreateSymbolicLink(Path.Combine(_allowed, "a"), Path.Combine(_allowed, "b"));
        File.CreateSymbolicLink(Path.Combine(_allowed, "b"), Path.Combine(_allowed, "a"));
        await Assert.ThrowsAsync<ContentAccessException>(() => ReadAsync(Path.Combine(_allowed, "a")));
    }

    [Fact]
    public async Task A_file_that_is_too_large_or_missing_is_an_error()
    {
        using var reader = CreateReader(a => a.MaxBytes = 3);
        var error = await Assert.ThrowsAsync<ContentAccessException>(
            () => reader.ReadAsync(Source(Path.Combine(_allowed, "sub", "picture.png")), Token).AsTask());
        Assert.Contains("more than 3 bytes", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ContentAccessException>(() => ReadAsync(Path.Combine(_allowed, "nothing.png")));
        await Assert.ThrowsAsync<ContentAccessException>(() => ReadAsync(Path.Combine(_allowed, "sub")));
    }

    [Fact]
    public async Task A_directory_is_an_error_that_says_so()
    {
        var error = await Assert.ThrowsAsync<ContentAccessException>(() => ReadAsync(Path.Combine(_allowed, "sub")));
        Assert.Contains("is a directory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_refused_and_not_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes in directories.");
        var pipe = Path.Combine(_allowed, "pipe.png");
        using (var process = Process.Start("mkfifo", [pipe]))
        {
            await process.WaitForExitAsync(Token);
            Assert.Equal(0, process.ExitCode);
        }

        File.CreateSymbolicLink(Path.Combine(_allowed, "link.png"), pipe);
        foreach (var path in new[] { pipe, Path.Combine(_allowed, "link.png") })
        {
            // Elsewhere, so that a reader that waits for the pipe's other end fails the test and does not hold it up.
            var reading = Task.Run(() => ReadAsync(path), Token);
            var error = await Assert.ThrowsAsync<ContentAccessException>(() => reading.WaitAsync(TimeSpan.FromMinutes(1), Token));
            Assert.Contains("only regular files", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_device_is_refused_even_where_its_directory_is_allowed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no devices in directories.");
        using var reader = CreateReader(a => a.AllowedDirectories = ["/dev"]);
        var error = await Assert.ThrowsAsync<ContentAccessException>(() => reader.ReadAsync(Source("/dev/zero"), Token).AsTask());
        Assert.Contains("only regular files", error.Message, StringComparison.Ordinal);

        var link = Path.Combine(_allowed, "zero.png");
        File.CreateSymbolicLink(link, "/dev/zero");
        await AssertRefusedAsync(() => ReadAsync(link));
    }

    [Fact]
    public async Task An_address_of_another_machine_is_refused()
    {
        using var reader = CreateReader();
        var source = new ImageSource("0", new UriContent(new Uri("file://server" + _allowed + "/sub/picture.png"), "image/png"));
        await AssertRefusedAsync(() => reader.ReadAsync(source, Token).AsTask());
    }

    [Fact]
    public async Task The_client_answers_about_an_allowed_file_and_refuses_it_by_default()
    {
        var picture = _folder.Add(Path.Combine("allowed", "scene.png"), Golden.ReadImage(Golden.First.Image));
        var message = new ChatMessage(
            ChatRole.User, [new UriContent(new Uri(picture), "image/png"), new TextContent(Golden.First.Question)]);
        using var client = Clients.Create(o => o.ContentAccess.AllowedDirectories.Add(_allowed));
        Assert.Equal(Golden.First.Text, (await client.GetResponseAsync([message], Clients.Unpruned(), Token)).Text);

        using var strict = Clients.Create();
        await AssertRefusedAsync(() => strict.GetResponseAsync([message], null, Token));
    }

    private static ImageSource Source(string path) => new("0", new UriContent(new Uri(path), "image/png"));

    private static async Task<ContentAccessException> AssertRefusedAsync(Func<Task> read)
    {
        var error = await Assert.ThrowsAsync<ContentAccessException>(read);
        Assert.Contains(nameof(ContentAccessOptions.AllowedDirectories), error.Message, StringComparison.Ordinal);
        return error;
    }

    private ImageReader CreateReader(Action<ContentAccessOptions>? configure = null)
    {
        var options = new ZoPruneOptions();
        options.ContentAccess.AllowedDirectories.Add(_allowed);
        configure?.Invoke(options.ContentAccess);
        return new ImageReader(options);
    }

    private async Task<byte[]> ReadAsync(string path)
    {
        using var reader = CreateReader();
        return (await reader.ReadAsync(Source(path), Token)).ToArray();
    }
}
