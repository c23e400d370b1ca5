using Google.Protobuf;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Reads an ONNX file as it is, but leaves large weights where they lie.</summary>
internal static unsafe class ModelSkeleton
{
    /// <summary>Weights up to this size stay in the skeleton: shapes and axes are needed to understand a graph.</summary>
    private const int InlineBytes = 1024;

    private const int ModelGraphField = 7;
    private const int GraphInitializerField = 5;
    private const int TensorRawDataField = 9;

    public static (ModelProto Model, Dictionary<string, GraphInitializer> Initializers) Read(string file)
    {
        try
        {
            return Map(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFolderException(file, "the file does not exist.", e);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException or IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException(file, e.Message, e);
        }
    }

    private static (ModelProto Model, Dictionary<string, GraphInitializer> Initializers) Map(string file)
    {
        var length = FileLength.Of(file);
        if (length == 0)
        {
            throw new InvalidDataException("the file is empty.");
        }

        if (length > int.MaxValue)
        {
            throw new InvalidDataException($"the file has {length} bytes; protobuf, and so ONNX, allows 2 GiB. Larger models keep weights in external data.");
        }

        using var map = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(
            file, FileMode.Open, null, 0, System.IO.MemoryMappedFiles.MemoryMappedFileAccess.Read);
        using var view = map.CreateViewAccessor(0, length, System.IO.MemoryMappedFiles.MemoryMappedFileAccess.Read);
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        try
        {
            return Read(new ReadOnlySpan<byte>(pointer + view.PointerOffset, (int)length));
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static (ModelProto Model, Dictionary<string, GraphInitializer> Initializers) Read(ReadOnlySpan<byte> file)
    {
        var initializers = new Dictionary<string, GraphInitializer>(StringComparer.Ordinal);
        var rest = new MemoryStream();
        var graph = new MemoryStream();
        var walker = new ProtoWalker(file, 0);
        var hasGraph = false;
        while (walker.Next())
        {
            if (walker is { Field: ModelGraphField, WireType: ProtoWalker.LengthDelimited })
            {
                hasGraph = true;
                ReadGraph(walker.Content, walker.ContentOrigin, graph, initializers);
            }
            else
            {
                rest.Write(walker.Raw);
            }
        }

        if (!hasGraph)
        {
            throw new InvalidDataException("not a valid ONNX file: it has no graph.");
        }

        var model = ModelProto.Parser.ParseFrom(rest.GetBuffer().AsSpan(0, (int)rest.Length));
        model.Graph = GraphProto.Parser.ParseFrom(graph.GetBuffer().AsSpan(0, (int)graph.Length));
        return (model, initializers);
    }

    private static void ReadGraph(ReadOnlySpan<byte> graph, long origin, MemoryStream rest, Dictionary<string, GraphInitializer> initializers)
    {
        var walker = new ProtoWalker(graph, origin);
        while (walker.Next())
        {
            if (walker is { Field: GraphInitializerField, WireType: ProtoWalker.LengthDelimited })
            {
                var initializer = ReadInitializer(walker.Content, walker.ContentOrigin);
                if (initializer.Name.Length == 0)
                {
                    throw new InvalidDataException($"not a valid ONNX file: a weight of shape {TensorShape.Text(initializer.Shape)} has no name.");
                }

                if (!initializers.TryAdd(initializer.Name, initializer))
                {
                    throw new InvalidDataException($"not a valid ONNX file: two weights have the name '{initializer.Name}'.");
                }
            }
            else
            {
                rest.Write(walker.Raw);
            }
        }
    }

    private static GraphInitializer ReadInitializer(ReadOnlySpan<byte> tensor, long origin)
    {
        var rest = new MemoryStream();
        var walker = new ProtoWalker(tensor, origin);
        var offset = -1L;
        var length = 0L;
        while (walker.Next())
        {
            if (walker is { Field: TensorRawDataField, WireType: ProtoWalker.LengthDelimited } && walker.Content.Length > InlineBytes)
            {
                offset = walker.ContentOrigin;
                length = walker.Content.Length;
            }
            else
            {
                rest.Write(walker.Raw);
            }
        }

        return new GraphInitializer(TensorProto.Parser.ParseFrom(rest.GetBuffer().AsSpan(0, (int)rest.Length)), offset, length);
    }
}
