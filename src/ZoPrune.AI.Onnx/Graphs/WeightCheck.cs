using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Checks that the data of every weight is there and has the size that its shape says, without reading it.</summary>
internal static class WeightCheck
{
    /// <param name="file">The ONNX file.</param>
    /// <param name="weights">The graph's weights.</param>
    /// <param name="graph">The graph, for weights in the bodies of its loops and branches.</param>
    /// <exception cref="ModelFolderException">A shape is impossible, or data is missing, too short, too long or outside the
    /// folder.</exception>
    public static void Require(string file, IEnumerable<GraphInitializer> weights, GraphProto graph)
    {
        var lengths = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var weight in weights.Concat(Bodies(graph).SelectMany(b => b.Initializer).Select(t => new GraphInitializer(t, -1, 0))))
        {
            Require(file, weight, lengths);
        }
    }

    private static void Require(string file, GraphInitializer weight, Dictionary<string, long> lengths)
    {
        var shape = TensorShape.Text(weight.Shape);
        if (weight.Count is not { } count)
        {
            throw Bad(file, weight, $"has the impossible shape {shape}.");
        }

        var needed = TensorData.Bits(weight.ElementType) is { } bits ? TensorData.Bytes(count, bits) : (long?)null;
        if (weight.IsExternal)
        {
            var data = ExternalData.Of(file, weight.Tensor);
            if (!lengths.TryGetValue(data.File, out var available))
            {
                lengths.Add(data.File, available = FileLength.Of(data.File));
            }

            var length = data.Length ?? needed ?? 0;
            if (length > available || data.Offset > available - length)
            {
                throw Bad(file, weight, $"needs {length} bytes from byte {data.Offset} on of {Path.GetFileName(data.File)}, which has {available}.");
            }

            RequireSize(length);
        }
        else if (weight.IsSkipped || weight.Tensor.HasRawData)
        {
            RequireSize(weight.IsSkipped ? weight.Length : weight.Tensor.RawData.Length);
        }

        void RequireSize(long length)
        {
            if (needed is { } expected && length != expected)
            {
                throw Bad(file, weight, $"has {length} bytes of data where its shape {shape} of {weight.ElementType} needs {expected}.");
            }
        }
    }

    private static IEnumerable<GraphProto> Bodies(GraphProto graph)
    {
        var open = new Stack<GraphProto>([graph]);
        while (open.TryPop(out var current))
        {
            foreach (var body in current.Node.SelectMany(n => n.Bodies()))
            {
                yield return body;
                open.Push(body);
            }
        }
    }

    private static ModelFolderException Bad(string file, GraphInitializer weight, string problem) =>
        new(file, $"the weight '{weight.Name}' {problem}");
}
