using System.Text.Json;

namespace ZoPrune.AI.Onnx.Folders;

/// <summary>
/// Reads the description files of a folder: bounded in size before anything is read, bounded in depth, no key twice, and with errors that
/// name the file.
/// </summary>
internal static class JsonSource
{
    /// <summary>Largest description file that is read, in bytes: real ones have a few kilobytes.</summary>
    public const long LargestDescription = 16 << 20;

    /// <summary>Largest vocabulary that is read, in bytes.</summary>
    public const long LargestTokenizer = 256 << 20;

    /// <summary>The bytes of a file, without the byte order mark that some editors put in front.</summary>
    /// <exception cref="ModelFolderException">The file is missing, too large, empty, or cannot be read.</exception>
    public static ReadOnlyMemory<byte> ReadBytes(string file, long largest)
    {
        try
        {
            // Pipes and devices have none; reading one could take for ever.
            var length = FileLength.Of(file);
            if (length > largest)
            {
                throw new ModelFolderException(file, $"is {length} bytes long; at most {largest} are read.");
            }

            if (length == 0)
            {
                throw new ModelFolderException(file, "is not valid JSON: it is empty, or no regular file.");
            }

            var bytes = File.ReadAllBytes(file);
            return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
        }
        catch (FileNotFoundException e)
        {
            throw new ModelFolderException(
                file, Directory.Exists(file) ? "is a folder where a file should be." : "the file does not exist.", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new ModelFolderException(file, "the folder does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException(file, "cannot be read: " + e.Message, e);
        }
    }

    /// <summary>
    /// Parses a file whose root is an object. Comments and trailing commas are let through, as the readers of such files do.
    /// </summary>
    /// <exception cref="ModelFolderException">The file cannot be read, is not valid JSON, or has another root.</exception>
    public static JsonDocument Parse(string file, long largest)
    {
        var bytes = ReadBytes(file, largest);
        try
        {
            var document = JsonDocument.Parse(bytes, new JsonDocumentOptions
            {
                AllowDuplicateProperties = false,
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
            });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            using (document)
            {
                throw new ModelFolderException(file, $"does not hold a JSON object; its root is a JSON {document.RootElement.ValueKind}.");
            }
        }
        catch (JsonException e)
        {
            throw new ModelFolderException(file, "is not valid JSON: " + e.Message, e);
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFolderException(file, "a value has the wrong kind or is not valid text: " + e.Message, e);
        }
    }
}
