using ZoPrune.AI.SyntheticVlm;
using ZoPrune.AI.SyntheticVlm.Folders;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Benchmarks.Tests.SyntheticVlm;

/// <summary>The command line and whose folders it writes into.</summary>
public sealed class CommandTests
{
    private readonly string _folder = TemporaryFolders.Create();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void Says_the_parameters_of_each_part_the_bytes_and_the_seed()
    {
        Assert.Equal(0, Run("--kind", "llava-like", "--size", "tiny", "--seed", "12"));

        var text = _output.ToString();
        var bytes = new DirectoryInfo(_folder).EnumerateFiles().Where(f => f.Name != OutputFolder.MarkerFile).Sum(f => f.Length);
        Assert.Contains(FormattableString.Invariant($"{bytes:N0} bytes"), text, StringComparison.Ordinal);
        Assert.Contains("seed 12", text, StringComparison.Ordinal);

        // 1,024 rows of 64; 32 x 64 + 64 and 64 x 64 + 64.
        Assert.Matches(@"token embedding\s+65,536 parameters", text);
        Assert.Matches(@"projector\s+6,272 parameters", text);
    }

    [Fact]
    public void A_folder_of_others_is_left_alone_unless_forced()
    {
        var foreign = Path.Combine(_folder, "notes.txt");
        File.WriteAllText(foreign, "mine");

        Assert.Equal(1, Run("--kind", "llava-like", "--size", "tiny"));
        Assert.Contains("--force", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal([foreign], Directory.EnumerateFileSystemEntries(_folder));

        Assert.Equal(0, Run("--kind", "llava-like", "--size", "tiny", "--force"));
        Assert.Equal("mine", File.ReadAllText(foreign));
        Assert.True(File.Exists(Path.Combine(_folder, "genai_config.json")));

        // Now the folder has a marker; what was there before is still not ours.
        Assert.Equal(0, Run("--kind", "llava-like", "--size", "tiny"));
        Assert.Equal("mine", File.ReadAllText(foreign));
    }

    [Fact]
    public void An_own_folder_is_written_again_without_remains()
    {
        Assert.Equal(0, Run("--kind", "llava-like", "--size", "tiny"));
        Assert.Equal(0, Run("--kind", "next-like", "--size", "tiny"));

        Assert.False(File.Exists(Path.Combine(_folder, "genai_config.json")));
        Assert.True(File.Exists(Path.Combine(_folder, "config.json")));
    }

    [Fact]
    public void A_marker_cannot_make_it_delete_files_elsewhere()
    {
        var elsewhere = Path.Combine(TemporaryFolders.Create(), "file");
        File.WriteAllText(elsewhere, "mine");
        var relative = Path.GetRelativePath(_folder, elsewhere).Replace('\\', '/');
        File.WriteAllText(Path.Combine(_folder, OutputFolder.MarkerFile), $$"""{ "files": ["{{relative}}"] }""");

        Assert.Equal(0, Run("--kind", "llava-like", "--size", "tiny"));

        Assert.Equal("mine", File.ReadAllText(elsewhere));
    }

    [Theory]
    [InlineData("--kind", "llava-like")]
    [InlineData("--kind", "llama", "--size", "tiny")]
    [InlineData("--kind", "llava-like", "--size", "7b")]
    [InlineData("--kind", "llava-like", "--size", "tiny", "--precision", "int2")]
    public void Wrong_arguments_are_refused(params string[] arguments)
    {
        Assert.Equal(2, Run(arguments));

        Assert.NotEmpty(_error.ToString());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    private int Run(params string[] arguments) => SyntheticVlmCommand.Run([.. arguments, "--output", _folder], _output, _error);
}
