using System.Text.Json;
using System.Text.Json.Nodes;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.SyntheticVlm.Folders;

/// <summary>
/// The folder that is written into. A file in it lists what this program wrote, so that it may be written again; it is kept up to date from
/// the first file on, for programs may be interrupted.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="plan">What is written.</param>
internal sealed class OutputFolder(string path, ModelPlan plan)
{
    /// <summary>What says that a folder is ours, and what it is.</summary>
    public const string MarkerFile = "synthetic-vlm.json";

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NewLine = "\n" };

    private readonly SortedSet<string> _files = new(StringComparer.Ordinal);

    /// <summary>The bytes of the files that were written, the list aside.</summary>
    public long Bytes => _files.Sum(f => new FileInfo(Path.Combine(path, f)).Length);

    private string Marker => Path.Combine(path, MarkerFile);

    /// <summary>
    /// Makes the folder ready. What this program wrote there goes; files of others stay, unless files of the same name are written.
    /// </summary>
    /// <param name="force">Whether a folder of others may be written into.</param>
    /// <exception cref="IOException">The folder has files and is not ours.</exception>
    public void Prepare(bool force)
    {
        Directory.CreateDirectory(path);
        if (Directory.EnumerateFileSystemEntries(path).Any() && !File.Exists(Marker) && !force)
        {
            throw new IOException($"{path} has files that this program did not write. --force writes into it all the same.");
        }

        foreach (var file in OwnFiles())
        {
            File.Delete(file);
        }

        WriteMarker();
    }

    /// <summary>The path of a file that will be written.</summary>
    /// <param name="file">Its name in the folder, with slashes.</param>
    public string Add(string file)
    {
        if (_files.Add(file))
        {
            WriteMarker();
        }

        var full = Path.Combine(path, file);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return full;
    }

    private void WriteMarker()
    {
        var content = new JsonObject
        {
            ["kind"] = plan.Kind.Name,
            ["size"] = plan.Size.Name,
            ["precision"] = plan.Precision.ToString().ToLowerInvariant(),
            ["seed"] = plan.Seed,
            ["files"] = new JsonArray([.. _files.Select(f => JsonValue.Create(f))]),
        };
        File.WriteAllText(Marker, content.ToJsonString(s_json) + "\n");
    }

    /// <summary>The files that the marker lists; only such that lie in the folder.</summary>
    private IEnumerable<string> OwnFiles()
    {
        if (!File.Exists(Marker) || JsonNode.Parse(File.ReadAllText(Marker))?["files"] is not JsonArray files)
        {
            return [];
        }

        var root = Path.GetFullPath(path) + Path.DirectorySeparatorChar;
        return files
            .Select(f => Path.GetFullPath(Path.Combine(root, (string)f!)))
            .Where(f => f.StartsWith(root, StringComparison.Ordinal) && File.Exists(f));
    }
}
