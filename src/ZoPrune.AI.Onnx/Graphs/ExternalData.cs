using System.Globalization;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Where the values of a tensor lie that are not in the ONNX file.</summary>
/// <param name="File">The file, inside the folder of the ONNX file.</param>
/// <param name="Offset">Where they start, in bytes.</param>
/// <param name="Length">How many bytes they have; <c>null</c> if that is not said, and follows from the shape.</param>
internal sealed record ExternalData(string File, long Offset, long? Length)
{
    /// <summary>Reads where a tensor's values lie.</summary>
    /// <param name="file">The ONNX file.</param>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="ModelFolderException">The path leaves the folder, a number is none, or the file does not exist.</exception>
    public static ExternalData Of(string file, TensorProto tensor)
    {
        var location = "";
        long offset = 0;
        long? length = null;
        foreach (var entry in tensor.ExternalData)
        {
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Number(file, tensor, entry);
                    break;
                case "length":
                    length = Number(file, tensor, entry);
                    break;
            }
        }

        if (location.Length == 0 || !ConfinedPath.Holds(location))
        {
            throw new ModelFolderException(
                file, $"the weight '{tensor.Name}' names the external data file '{location}', which is not a path inside the folder.");
        }

        var data = Path.Combine(Path.GetDirectoryName(file)!, location);
        return System.IO.File.Exists(data)
            ? new ExternalData(data, offset, length)
            : throw new ModelFolderException(
                data, $"the external data file of {Path.GetFileName(file)} does not exist; the weight '{tensor.Name}' should lie there.");
    }

    private static long Number(string file, TensorProto tensor, StringStringEntryProto entry) =>
        long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ModelFolderException(file, $"the weight '{tensor.Name}' has external data with {entry.Key} '{entry.Value}'.");
}
